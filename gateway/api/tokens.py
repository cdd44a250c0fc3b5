"""Tokens: for apps by client credentials (RFC 6749), with DEMO for the sample officers; and the key set (RFC 7517)."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis.schemas import Input
from contracts.access import Role
from contracts.division import DIVISION_CODE
from contracts.errors import Missing
from gateway import client_credentials, sample_officers
from gateway.client_credentials import BODY_LIMIT, TokenRefused

well_known = APIRouter(tags=["tokens"])
router = APIRouter(tags=["tokens"])


class DemoTokenInput(Input):
    """Who wants to act: by `sub`, or any officer of a role at a division."""

    sub: str | None = Field(default=None, max_length=100, examples=["town-officer-150623100"])
    role: Role | None = None
    division: str | None = Field(default=None, pattern=DIVISION_CODE)


@well_known.get("/.well-known/jwks.json", summary="The public keys by which tokens are verified")
async def get_jwks(request: Request) -> Response:
    """公钥集 / RFC 7517."""
    return JSONResponse(request.app.state.signer.public_keys(), headers={"Cache-Control": "max-age=300"})


@router.post("/oauth/token", summary="A token for an app by client credentials")
async def post_token(request: Request) -> Response:
    """应用令牌 / RFC 6749, section 4.4: form body, HTTP Basic or client_secret in the form."""
    state = request.app.state
    try:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise TokenRefused("invalid_request", "The body is too large")
        form = client_credentials.parse_form(request.headers.get("content-type", ""), body)
        client_credentials.require_grant_type(form)
        given = client_credentials.credentials_of(request.headers.get("authorization"), form)
        client = client_credentials.authenticated(await state.app_clients.authenticate(given.client_id, given.secret))
        scopes = client_credentials.granted_scopes(client, form.get("scope"))
    except TokenRefused as refused:
        headers = {"WWW-Authenticate": "Basic"} if refused.status == 401 else {}
        return JSONResponse({"error": refused.error, "error_description": refused.description}, refused.status, headers)
    lifetime_s = state.runtime.settings.app_token_s
    token = state.signer.token(client_credentials.claims_of(client, scopes), lifetime_s=lifetime_s)
    return JSONResponse(
        {**_granted(token, lifetime_s), "scope": " ".join(scopes)}, headers={"Cache-Control": "no-store"}
    )


@router.post("/demo/tokens", summary="With DEMO: a token for a sample officer")
async def post_demo_token(body: DemoTokenInput, request: Request) -> Response:
    """演示令牌 / twelve hours; does not exist without DEMO."""
    state = request.app.state
    if not state.runtime.settings.demo:
        raise Missing()
    officer = None
    if body.sub is not None:
        officer = state.officers.by_sub(body.sub)
    elif body.role is not None and body.division is not None:
        officer = state.officers.by_role(body.role, body.division)
    if officer is None:
        raise Missing()
    token = state.signer.token(sample_officers.claims_of(officer), lifetime_s=sample_officers.DEMO_TOKEN_S)
    return JSONResponse(
        {**_granted(token, sample_officers.DEMO_TOKEN_S), "sub": officer.sub}, headers={"Cache-Control": "no-store"}
    )


@router.get("/demo/officers", summary="With DEMO: the sample officers")
async def list_demo_officers(request: Request) -> Response:
    """演示人员 / every one is synthetic."""
    state = request.app.state
    if not state.runtime.settings.demo:
        raise Missing()
    return JSONResponse(
        {"synthetic": True, "items": [officer.model_dump(mode="json") for officer in state.officers.all()]}
    )


def _granted(token: str, lifetime_s: int) -> dict[str, Any]:
    return {"access_token": token, "token_type": "Bearer", "expires_in": lifetime_s}
