"""Registered apps: their secrets (hashed by scrypt), the scopes they may ask for and their division.

An app reports, reads and uploads. A scope that takes a step of a procedure cannot be registered at all.
"""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from contracts.access import PERMISSIONS
from contracts.division import DIVISION_CODE, Division
from gateway.watched_file import WatchedFile

APP_SCOPES = frozenset(permission.name for permission in PERMISSIONS if permission.apps)
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
_HASHES_AT_ONCE = 2
"""A hash takes 16 MiB and some 50 ms by intent; more at once would let strangers exhaust the process."""


@dataclass(frozen=True, slots=True)
class AppClient:
    client_id: str
    secret_hash: str
    scopes: frozenset[str]
    division: Division
    organisation: str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    secret_hash: str = Field(pattern=r"^scrypt\$\d+\$\d+\$\d+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$")
    scopes: tuple[str, ...]
    division: str = Field(pattern=DIVISION_CODE)
    organisation: str = ""

    @field_validator("scopes")
    @classmethod
    def _open_to_apps(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        closed = sorted(set(scopes) - APP_SCOPES)
        if closed:
            raise ValueError(f"not open to apps: {', '.join(closed)}")
        return scopes


_ENTRIES = TypeAdapter(tuple[_Entry, ...])


def parse_clients(text: str) -> Mapping[str, AppClient]:
    """The registered apps by client_id; raises ValueError for a scope that apps cannot have, or a double entry."""
    entries = _ENTRIES.validate_json(text)
    clients = {
        entry.client_id: AppClient(
            entry.client_id,
            entry.secret_hash,
            frozenset(entry.scopes),
            Division(entry.division),
            entry.organisation,
        )
        for entry in entries
    }
    if len(clients) != len(entries):
        raise ValueError("a client_id is registered twice")
    return clients


def hash_secret(secret: str) -> str:
    """What is stored of a secret: scrypt with its costs and a salt of its own."""
    salt = os.urandom(16)
    return _encoded(_COST, _BLOCK, _PARALLEL, salt, _scrypt(secret, salt, _COST, _BLOCK, _PARALLEL))


def secret_matches(secret: str, stored: str) -> bool:
    """Whether this is the secret, compared in constant time."""
    _, cost, block, parallel, salt, digest = stored.split("$")
    found = _scrypt(secret, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(secret: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    limit = 256 * cost * block
    return hashlib.scrypt(secret.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=limit, dklen=32)


def _encoded(cost: int, block: int, parallel: int, salt: bytes, digest: bytes) -> str:
    tail = "$".join(base64.b64encode(part).decode() for part in (salt, digest))
    return f"scrypt${cost}${block}${parallel}${tail}"


class AppClients:
    """The register of apps. An unknown app costs as much time as a wrong secret."""

    def __init__(self, file: Path | None) -> None:
        self._file = WatchedFile[Mapping[str, AppClient]](file, parse_clients, {})
        self._file.load()
        self._nobody = hash_secret(base64.b64encode(os.urandom(18)).decode())
        self._hashing = asyncio.Semaphore(_HASHES_AT_ONCE)

    async def authenticate(self, client_id: str, secret: str) -> AppClient | None:
        """The app that proved to be itself, or None."""
        client = self._file.content.get(client_id)
        stored = client.secret_hash if client else self._nobody
        async with self._hashing:
            matches = await asyncio.to_thread(secret_matches, secret, stored)
        return client if matches else None
