"""Monitoring itself without metrics, request logs and identity: what M1 compares with."""

from fastapi import FastAPI

from bench.baselines.serving import serve
from bench.households import TOWN
from chassis import observability
from chassis.application import create_app
from chassis.identity import Caller, KeySource, TokenVerifier
from chassis.settings import Settings
from contracts.access import Role
from contracts.division import Division
from services.monitoring.main import SERVICE

_ANYBODY = Caller(
    person="bench",
    client="bench",
    organisation="bench",
    roles=frozenset({Role.TOWN_OFFICER}),
    scopes=frozenset(),
    division=Division(TOWN),
    is_app=False,
)


class _NoIdentity(TokenVerifier):
    async def verify(self, token: str) -> Caller:
        return _ANYBODY


def app() -> FastAPI:
    settings = Settings()
    built = create_app(SERVICE, settings)
    built.user_middleware = [
        each for each in built.user_middleware if getattr(each.cls, "__name__", "") != observability.Observe.__name__
    ]
    built.state.runtime.tokens = _NoIdentity(
        KeySource(settings.jwks), issuer=settings.token_issuer, audience=settings.token_audience
    )
    return built


if __name__ == "__main__":
    serve(app())
