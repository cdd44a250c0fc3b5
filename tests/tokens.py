"""Signed tokens for tests: a key pair of the test run, its public set in a file, and callers of every kind."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from contracts.access import PERMISSIONS, Role

TOWN = "150623100"
VILLAGE = "150623100200"
OTHER_VILLAGE = "150623100201"
OTHER_TOWN_VILLAGE = "150623101200"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs tokens; `jwks` is the file that services verify by."""

    key: OKPKey
    jwks: Path

    @classmethod
    def create(cls, directory: Path) -> "Issuer":
        key = OKPKey.generate_key("Ed25519", parameters={"kid": "test"}, auto_kid=False)
        file = directory / "jwks.json"
        file.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
        return cls(key, file)

    def sign(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        full = {"iss": "shouwang", "aud": "shouwang", "iat": now, "exp": now + 3600, **claims}
        return jwt.encode({"alg": "Ed25519", "kid": "test"}, full, self.key, algorithms=["Ed25519"])

    def officer(self, role: Role, division: str = TOWN, person: str | None = None) -> dict[str, str]:
        """The headers of a request by an officer of one role."""
        return self._headers(
            {
                "sub": person or f"{role}-{division}",
                "client_id": "workbench",
                "organisation": "test",
                "roles": [role],
                "division": division,
            }
        )

    def app(self, division: str = TOWN, scopes: list[str] | None = None, client: str = "app") -> dict[str, str]:
        """The headers of a request by an app with these scopes (all if none are named)."""
        names = scopes if scopes is not None else [permission.name for permission in PERMISSIONS]
        return self._headers(
            {"sub": client, "client_id": client, "app": True, "scope": " ".join(names), "division": division}
        )

    def _headers(self, claims: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.sign(claims)}"}
