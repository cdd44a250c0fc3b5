"""Tokens for apps by client credentials (RFC 6749, section 4.4): what is asked, who asks, and what is granted.

Errors have the form of RFC 6749, section 5.2, for that is what OAuth clients read; nothing else in the API does.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from contracts.access import PERMISSIONS
from gateway.app_clients import AppClient

FORM = "application/x-www-form-urlencoded"
BODY_LIMIT = 8192
_KNOWN_SCOPES = frozenset(permission.name for permission in PERMISSIONS)


class TokenRefused(Exception):
    """A token is not granted; `error` is one of the codes of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    secret: str


def parse_form(content_type: str, body: bytes) -> Mapping[str, str]:
    """The parameters of a token request. An empty one counts as omitted, a repeated one is refused."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", f"The body must be {FORM}")
    try:
        pairs = parse_qsl(body.decode(), strict_parsing=bool(body), max_num_fields=20, errors="strict")
    except ValueError as error:
        raise TokenRefused("invalid_request", "The body is not a form") from error
    if len({name for name, _ in pairs}) != len(pairs):
        raise TokenRefused("invalid_request", "A parameter is repeated")
    return dict(pairs)


def credentials_of(authorization: str | None, form: Mapping[str, str]) -> Credentials:
    """Who claims to ask, by HTTP Basic or in the form, but not by both (RFC 6749, section 2.3.1)."""
    in_form = "client_secret" in form
    if authorization is not None:
        if in_form:
            raise TokenRefused("invalid_request", "Credentials are given twice")
        return _basic(authorization)
    if not in_form or "client_id" not in form:
        raise _not_authenticated()
    return Credentials(form["client_id"], form["client_secret"])


def _basic(authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _not_authenticated() from error
    if scheme.lower() != "basic" or not colon:
        raise _not_authenticated()
    return Credentials(unquote_plus(client_id), unquote_plus(secret))


def authenticated(client: AppClient | None) -> AppClient:
    """The app; raises TokenRefused without saying whether the name or the secret was wrong."""
    if client is None:
        raise _not_authenticated()
    return client


def _not_authenticated() -> TokenRefused:
    return TokenRefused("invalid_client", "The client is unknown or its secret is wrong", status=401)


def require_grant_type(form: Mapping[str, str]) -> None:
    """Raises TokenRefused for anything but client credentials: persons sign in at the deployment's OIDC issuer."""
    grant = form.get("grant_type")
    if grant is None:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if grant != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "Only client_credentials is supported")


def granted_scopes(client: AppClient, asked: str | None) -> list[str]:
    """The scopes asked for, in order; all that are registered when none is named.

    Raises TokenRefused as soon as one is unknown or not registered: a client that gets less than it asked for fails
    later and elsewhere.
    """
    if asked is None:
        return sorted(client.scopes)
    wanted = list(dict.fromkeys(asked.split()))
    if not set(wanted) <= _KNOWN_SCOPES:
        raise TokenRefused("invalid_scope", "A scope is unknown")
    if not set(wanted) <= client.scopes:
        raise TokenRefused("invalid_scope", "A scope is not registered for this client")
    return wanted


def claims_of(client: AppClient, scopes: list[str]) -> dict[str, object]:
    """What a token says of an app: it is one, and it has no role."""
    return {
        "sub": client.client_id,
        "client_id": client.client_id,
        "app": True,
        "scope": " ".join(scopes),
        "organisation": client.organisation,
        "division": client.division.code,
    }
