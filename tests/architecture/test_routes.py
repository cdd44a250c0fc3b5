"""Completeness of every route: guarded, described, and repeatable where it changes something."""

from pathlib import Path

import pytest

from chassis.access import guard_of
from chassis.idempotency import _once
from chassis.routes import dependencies, served_routes
from chassis.uploading import _upload
from tests.architecture.apps import SERVICES, assembled

NAMES = [*SERVICES, "gateway"]
PUBLIC = {
    "/livez", "/readyz", "/metrics",  # health: no data of anybody
    "/.well-known/jwks.json", "/.well-known/oauth-authorization-server",  # public by their standards
    "/v1/public-notices/{publicity_id}",  # a public notice is for everybody, while it runs (M-1.1.11)
    "/v1/oauth/token", "/v1/demo/tokens", "/v1/demo/officers",  # where tokens come from
    "/{service}/v1/{path:path}",  # passed on with the caller's token: the service decides
}  # fmt: skip
WITHOUT_KEY = {
    "/v1/oauth/token", "/v1/demo/tokens",  # tokens are not stored
    "/{service}/v1/{path:path}",  # the service asks for it
    "/v1/households/search",  # a read; POST only so that no address holds a resident id
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_route_names_one_permission_or_is_public_for_a_reason(name: str, tmp_path: Path) -> None:
    routes = served_routes(assembled(name, tmp_path))
    assert len(routes) > 10
    unguarded = {route.path for route in routes if guard_of(route) is None}
    assert unguarded <= PUBLIC


@pytest.mark.parametrize("name", NAMES)
def test_every_route_has_a_summary_and_a_docstring(name: str, tmp_path: Path) -> None:
    bare = [r.path for r in served_routes(assembled(name, tmp_path)) if not (r.summary and r.endpoint.__doc__)]
    assert bare == []


@pytest.mark.parametrize("name", NAMES)
def test_every_post_takes_an_idempotency_key(name: str, tmp_path: Path) -> None:
    without = {
        route.path
        for route in served_routes(assembled(name, tmp_path))
        if "POST" in route.methods and not {_once, _upload} & {d.call for d in dependencies(route.dependant)}
    }
    assert without <= WITHOUT_KEY


@pytest.mark.parametrize("name", NAMES)
def test_the_openapi_names_each_permission(name: str, tmp_path: Path) -> None:
    app = assembled(name, tmp_path)
    document = app.openapi()
    guarded = [route for route in served_routes(app) if guard_of(route) is not None]
    assert guarded
    for route in guarded:
        guard = guard_of(route)
        assert guard is not None
        for method in route.methods:
            assert document["paths"][route.path][method.lower()]["x-permission"] == guard.permission.name
