"""Where clients find the gateway's keys (RFC 7517) and what its token endpoint understands (RFC 8414)."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from gateway.app_clients import APP_SCOPES

router = APIRouter(prefix="/.well-known", tags=["tokens"])
_FOR_FIVE_MINUTES = {"Cache-Control": "max-age=300"}


@router.get("/jwks.json", summary="The public keys by which tokens are verified")
async def get_jwks(request: Request) -> Response:
    """公钥集 / RFC 7517."""
    return JSONResponse(request.app.state.signer.public_keys(), headers=_FOR_FIVE_MINUTES)


@router.get("/oauth-authorization-server", summary="What the token endpoint understands")
async def get_authorization_server(request: Request) -> Response:
    """授权服务元数据 / RFC 8414: client credentials for apps, nothing else."""
    settings = request.app.state.runtime.settings
    base = (settings.public_url or str(request.base_url)).rstrip("/")
    return JSONResponse(
        {
            "issuer": settings.token_issuer,
            "token_endpoint": f"{base}/v1/oauth/token",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "response_types_supported": [],
            "scopes_supported": sorted(APP_SCOPES),
        },
        headers=_FOR_FIVE_MINUTES,
    )
