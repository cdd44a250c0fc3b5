"""Tokens for apps by client credentials (RFC 6749, section 4.4). Persons sign in at the deployment's OIDC issuer."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from gateway import client_credentials
from gateway.app_clients import AppClients
from gateway.client_credentials import BODY_LIMIT, FORM, TokenRefused

router = APIRouter(prefix="/oauth", tags=["tokens"])
_UNCACHED = {"Cache-Control": "no-store"}
_FORM_SCHEMA = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "scope": {"type": "string", "description": "Separated by spaces; all that are registered if it is left out."},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string", "format": "password"},
    },
}


@router.post(
    "/token",
    summary="A token for an app by client credentials",
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": _FORM_SCHEMA}}}},
)
async def post_token(request: Request) -> Response:
    """应用令牌 / form body; the secret by HTTP Basic or in the form. Errors have the form of RFC 6749, section 5.2."""
    try:
        return JSONResponse(await _granted(request), headers=_UNCACHED)
    except TokenRefused as refused:
        challenge = {"WWW-Authenticate": 'Basic realm="shouwang"'} if refused.status == 401 else {}
        body = {"error": refused.error, "error_description": refused.description}
        return JSONResponse(body, status_code=refused.status, headers=_UNCACHED | challenge)


async def _granted(request: Request) -> dict[str, Any]:
    state = request.app.state
    clients: AppClients = state.app_clients
    form = client_credentials.parse_form(request.headers.get("content-type", ""), await _body(request))
    client_credentials.require_grant_type(form)
    given = client_credentials.credentials_of(request.headers.get("authorization"), form)
    client = client_credentials.authenticated(await clients.authenticate(given.client_id, given.secret))
    scopes = client_credentials.granted_scopes(client, form.get("scope"))
    lifetime_s: int = state.runtime.settings.app_token_s
    return {
        "access_token": state.signer.token(client_credentials.claims_of(client, scopes), lifetime_s=lifetime_s),
        "token_type": "Bearer",
        "expires_in": lifetime_s,
        "scope": " ".join(scopes),
    }


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TokenRefused("invalid_request", "The body is too large")
    return body
