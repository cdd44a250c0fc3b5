"""The gateway's own signature: tokens for apps, and with DEMO for sample officers (RFC 7519, Ed25519 by RFC 8037).

The private key stands in a file that its owner alone may read. Several keys in it are a rotation: the first signs,
all are published.
"""

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import Key, KeySet, OKPKey

ALGORITHM = "Ed25519"


class SigningKeyMissing(RuntimeError):
    """There is no signing key, and without DEMO none is made up."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs claims in the name of one issuer for one audience."""

    keys: KeySet
    issuer: str
    audience: str

    def token(self, claims: dict[str, Any], *, lifetime_s: int) -> str:
        """A signed token with these claims, valid from now."""
        key = self.keys.keys[0]
        now = int(time.time())
        plumbing = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + lifetime_s, "jti": uuid4().hex}
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, {**claims, **plumbing}, key, algorithms=[ALGORITHM])

    def public_keys(self) -> dict[str, Any]:
        """The key set by which everyone verifies, without any private part."""
        return dict(self.keys.as_dict(private=False))


def read_keys(file: Path) -> KeySet:
    """The keys of a file: one JWK or a set. Raises SigningKeyMissing when there is no such file."""
    try:
        raw = json.loads(file.read_text())
    except FileNotFoundError as error:
        raise SigningKeyMissing(f"no signing key at {file}") from error
    keys: list[Key] = [OKPKey.import_key(jwk) for jwk in raw.get("keys", [raw])]
    for key in keys:
        key.ensure_kid()
    return KeySet(keys)


def ensure_demo_keys(signing_key_file: Path, jwks: Path | None) -> KeySet:
    """With DEMO only: make a signing key where there is none, and the public key set that services read by file.

    Several processes may call it at once; the first one's key stands.
    """
    if not signing_key_file.exists():
        made = OKPKey.generate_key("Ed25519", auto_kid=True)
        _write_once(signing_key_file, made.as_dict(private=True), mode=0o600)
    keys = read_keys(signing_key_file)
    if jwks is not None and not jwks.exists():
        _write_once(jwks, dict(keys.as_dict(private=False)), mode=0o644)
    return keys


def _write_once(file: Path, content: dict[str, Any], *, mode: int) -> None:
    """A file is there whole or not at all, and never replaces one that is there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as opened:
        json.dump(content, opened)
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
