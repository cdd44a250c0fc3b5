"""What the gateway is told beyond the settings that every service shares."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from chassis.settings import Settings as SharedSettings

SERVICES = ("monitoring", "assets", "employment", "relief")
"""The services behind the gateway; a service's `/v1/x` is `/<name>/v1/x` here."""
_BUDGETS_S = dict.fromkeys(SERVICES, 2.0)


class Settings(SharedSettings):
    services: dict[str, str] = Field(
        default_factory=dict,
        description='Base address of each service, as JSON: {"monitoring": "http://127.0.0.1:8001", …}.',
    )
    public_url: str | None = Field(
        default=None, description="The address under which callers reach the gateway; default: as they asked for it."
    )
    signing_key_file: Path = Field(
        description="Private Ed25519 key as a JWK, or a set whose first one signs; made if missing with DEMO."
    )
    app_clients_file: Path | None = Field(
        default=None, description="Registered apps as JSON: client_id, secret_hash, scopes, division, organisation."
    )
    officers_file: Path | None = Field(
        default=None, description="With DEMO: the sample officers as JSON: sub, name, organisation, roles, division."
    )
    app_token_s: int = Field(default=3600, ge=60, le=86_400, description="Seconds for which an app's token is valid.")
    part_budgets_s: dict[str, float] = Field(
        default_factory=lambda: dict(_BUDGETS_S),
        description="Seconds that each service has to answer its part of a dossier, as JSON.",
    )
    pass_through_budget_s: float = Field(
        default=30.0, gt=0, description="Seconds that a service may be silent while a request is passed through."
    )

    @model_validator(mode="after")
    def _only_known_services(self) -> Self:
        unknown = (self.services.keys() | self.part_budgets_s.keys()) - set(SERVICES)
        if unknown:
            raise ValueError(f"unknown services: {', '.join(sorted(unknown))}")
        return self

    def budget_of(self, service: str) -> float:
        """Seconds that a service has for its part of a dossier."""
        return self.part_budgets_s.get(service, _BUDGETS_S[service])
