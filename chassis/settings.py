"""Settings that every service and the gateway share, read from the environment as `SHOUWANG_…`.

Each field is documented here and listed in docs/operators.md (a test compares the two). There is no module-level
instance: `main` and `worker` build one and hand it down.
"""

import ipaddress
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOUWANG_", frozen=True, extra="ignore")

    database_url: str = Field(description="SQLAlchemy URL of this service's own database (postgresql+asyncpg://…).")
    database_pool: int = Field(default=8, ge=2, le=80, description="Connections this process may hold at most.")
    kafka_bootstrap_servers: str = Field(description="Comma-separated Kafka bootstrap servers.")
    kafka_security_protocol: str = Field(default="PLAINTEXT", description="PLAINTEXT or SSL, as Kafka clients name it.")
    kafka_ca_file: Path | None = Field(default=None, description="CA certificate for SSL towards Kafka.")
    kafka_fetch_max_wait_ms: int = Field(
        default=500, ge=1, description="How long a fetch waits; the embedded broker needs 5 to 10."
    )
    topic_prefix: str = Field(default="", description="Put before every topic name; tests isolate themselves with it.")
    listen_host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    listen_port: int = Field(default=8000, ge=0, le=65535, description="Port the API listens on.")
    worker: bool = Field(
        default=True,
        description="Whether this process also runs the worker (embedded mode); a cluster splits them.",
    )
    demo: bool = Field(
        default=False,
        description="Demo clock, sample officers, crash points. Refused unless the listener is loopback.",
    )
    demo_clock_file: Path | None = Field(default=None, description="File with the business clock, read with DEMO only.")
    crash_point: str = Field(
        default="", description="With DEMO: the named point at which this process kills itself, once."
    )
    person_key_secret: SecretStr = Field(
        description="Secret of the deployment under which person keys are made; the same in every service."
    )
    jwks: str = Field(description="Key set for tokens: a file path or an http(s) address.")
    token_issuer: str = Field(default="shouwang", description="The `iss` that tokens must carry.")
    token_audience: str = Field(default="shouwang", description="The `aud` that tokens must carry.")
    log_level: str = Field(default="INFO", description="Least severe level that is logged.")
    outbox_days: int = Field(default=90, ge=1, description="Days for which published events can be replayed.")
    inbox_days: int = Field(default=120, ge=1, description="Days for which received events are remembered.")
    idempotency_days: int = Field(default=7, ge=1, description="Days for which idempotency keys are kept.")
    heartbeat_s: float = Field(default=10.0, gt=0, description="System seconds between heartbeats of the relay.")
    body_limit_bytes: int = Field(default=1_000_000, ge=1, description="Largest JSON body accepted.")
    upload_limit_bytes: int = Field(default=400_000_000, ge=1, description="Largest uploaded file accepted.")
    upload_limit_rows: int = Field(default=3_000_000, ge=1, description="Most rows accepted in one file.")
    spool_directory: Path | None = Field(default=None, description="Where spreadsheets are spooled; default: system.")
    attachments_directory: Path = Field(
        default=Path(".run/attachments"), description="Where attachments are kept, in a folder for each service."
    )
    attachment_orphan_days: int = Field(
        default=1, ge=1, description="Days after which stored content that no attachment knows of is removed."
    )
    attachment_limit_bytes: int = Field(default=20_000_000, ge=1, description="Largest attachment accepted.")
    division_names: Path | None = Field(
        default=None, description="CSV file with code and name of divisions, as documents call them; default: codes."
    )
    document_font: Path | None = Field(
        default=None,
        description="Font file, or folder of fonts, embedded in PDF documents; default: the package's, if installed.",
    )

    @model_validator(mode="after")
    def _demo_only_on_loopback(self) -> Self:
        if self.demo and not is_loopback(self.listen_host):
            raise ValueError("DEMO is refused on a listener that is not loopback: set listen_host to 127.0.0.1")
        if self.inbox_days <= self.outbox_days:
            raise ValueError("inbox_days must be larger than outbox_days: a replayed event must still be known")
        return self


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
