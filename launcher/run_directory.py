"""Where one town lives between runs: databases, secrets, the business clock, logs, files; made once, never shared.

Secrets are made at the first start and readable by their owner only. They are not part of any log or command line.
"""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.signing import ensure_demo_keys
from launcher.engines.places import own_directory
from sampletown.officers import Officer
from sampletown.places import Place

_OWNER_ONLY = 0o600
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class RunDirectory:
    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def kafka(self) -> Path:
        return self.path / "kafka"

    @property
    def clock(self) -> Path:
        return self.path / "business-clock.json"

    @property
    def signing_key(self) -> Path:
        return self.path / "gateway-signing-key.json"

    @property
    def jwks(self) -> Path:
        return self.path / "jwks.json"

    @property
    def person_key(self) -> Path:
        return self.path / "person-key-secret"

    @property
    def officers(self) -> Path:
        return self.path / "officers.json"

    @property
    def division_names(self) -> Path:
        return self.path / "division-names.csv"

    @property
    def attachments(self) -> Path:
        return self.path / "attachments"

    @property
    def spool(self) -> Path:
        return self.path / "spool"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"

    def prepare(self) -> None:
        """Make what is missing; what is there stays as it is."""
        own_directory(self.path)
        for directory in (self.attachments, self.spool, self.path / "logs"):
            own_directory(directory, mode=_PRIVATE)
        if not self.person_key.exists():
            write_whole(self.person_key, secrets.token_urlsafe(32))
        ensure_demo_keys(self.signing_key, self.jwks)

    def name_officers(self, officers: Iterable[Officer]) -> None:
        """Tell the gateway who gets demonstration tokens."""
        write_whole(self.officers, json.dumps([asdict(officer) for officer in officers], ensure_ascii=False))

    def name_divisions(self, divisions: Iterable[Place]) -> None:
        """Tell the services what documents call a division."""
        lines = [f"{division.code},{division.name}" for division in divisions]
        write_whole(self.division_names, "\n".join(["code,name", *lines, ""]))

    def keep_log(self, name: str) -> Path:
        """The log of a process that starts now; the one of the start before is kept beside it."""
        log = self.log(name)
        if log.exists():
            log.replace(log.with_suffix(".before.log"))
        return log

    @property
    def person_key_secret(self) -> str:
        return self.person_key.read_text()


def write_whole(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as target:
        target.write(content)
    draft.replace(path)
