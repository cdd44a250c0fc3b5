"""Who is asking: a token names a natural person (`sub`) and the app (`client_id`), verified by a key set.

The key set comes from a file or an address and is kept through an outage of its source. Verified tokens are
remembered until they expire, so that a signature is checked once and not with every request.
"""

import asyncio
import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from contracts.access import Permission, Role
from contracts.decision import Because
from contracts.division import Division
from contracts.errors import DomainError

ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "RS256"]
_REMEMBERED = 4096
_REFRESH_S = 300.0
_RETRY_S = 5.0
log = structlog.get_logger(__name__)


class Unauthenticated(DomainError):
    status: ClassVar[int] = 401
    code: ClassVar[str] = "unauthenticated"
    title: ClassVar[Because] = Because(zh="需要有效的访问令牌", en="A valid access token is needed")


@dataclass(frozen=True, slots=True)
class Caller:
    """The person and the app behind a request, what they may do and where."""

    person: str
    client: str
    organisation: str
    roles: frozenset[Role]
    scopes: frozenset[str]
    division: Division
    is_app: bool
    """True for a token of an app alone (client credentials): it reports, reads and uploads, and decides nothing."""
    purpose: str | None = None

    def may(self, permission: Permission) -> bool:
        """Apps need the scope and a permission open to apps; persons need a role that holds it."""
        if self.is_app:
            return permission.apps and permission.name in self.scopes
        return bool(self.roles & permission.roles)


def caller_of(claims: dict[str, Any]) -> Caller:
    """The caller that verified claims describe; raises Unauthenticated when they are incomplete."""
    try:
        is_app = claims.get("app", False) is True
        return Caller(
            person=str(claims["sub"]),
            client=str(claims["client_id"]),
            organisation=str(claims.get("organisation", "")),
            roles=frozenset() if is_app else frozenset(Role(role) for role in claims.get("roles", [])),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            division=Division(str(claims["division"])),
            is_app=is_app,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unauthenticated(Because(zh="令牌内容不完整", en="The token lacks a required claim")) from error


class KeySource:
    """The public key set, from a file or an address; the last good one is kept while the source is away."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._keys: KeySet | None = None
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def keys(self, *, newer: bool = False) -> KeySet:
        """The key set, read again every five minutes, or at once (five seconds apart) when a key is unknown."""
        age = time.monotonic() - self._read_at
        if self._keys is None or age > (_RETRY_S if newer else _REFRESH_S):
            async with self._lock:
                await self._refresh()
        if self._keys is None:
            raise Unauthenticated(Because(zh="密钥集暂不可用", en="The key set is not available yet"))
        return self._keys

    async def _refresh(self) -> None:
        try:
            if self._location.startswith(("http://", "https://")):
                async with httpx.AsyncClient(timeout=3) as client:
                    text = (await client.get(self._location)).raise_for_status().text
            else:
                text = await asyncio.to_thread(Path(self._location).read_text)
            self._keys = KeySet.import_key_set(json.loads(text))
            self._read_at = time.monotonic()
        except (OSError, httpx.HTTPError, ValueError, JoseError) as error:
            log.warning("key-set-unavailable", error=type(error).__name__)


class TokenVerifier:
    """Turns a bearer token into a caller; raises Unauthenticated, never saying more than that it is not valid."""

    def __init__(self, source: KeySource, *, issuer: str, audience: str) -> None:
        self._source = source
        self._claims = jwt.JWTClaimsRegistry(
            leeway=10,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        known = self._known.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        claims = await self._verified_claims(token)
        caller = caller_of(claims)
        self._known[token] = (float(claims["exp"]), caller)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return caller

    async def _verified_claims(self, token: str) -> dict[str, Any]:
        for newer in (False, True):
            keys = await self._source.keys(newer=newer)
            try:
                decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
                self._claims.validate(decoded.claims)
            except (JoseError, ValueError) as error:
                if newer:
                    raise Unauthenticated() from error
            else:
                return decoded.claims
        raise Unauthenticated()
