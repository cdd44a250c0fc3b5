"""Who may see what is part of the signature: a route names its permission as a type.

    MayReadHouseholds = Annotated[Caller, requires(access.HOUSEHOLD_READ)]

    @router.get("/households/{household_id}")
    async def get_household(household_id: HouseholdId, caller: MayReadHouseholds) -> …

A test walks all routes and finds one such guard on each, or a name on the short list of public ones.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.identity import Caller, Unauthenticated
from chassis.routes import ServedRoute, dependencies
from contracts.access import Permission
from contracts.decision import Because
from contracts.errors import Forbidden

_BEARER = HTTPBearer(auto_error=False, description="A token of the gateway, or of the deployment's OIDC issuer.")
PURPOSE = r"^[^\x00-\x1f]{2,200}$"


class Guard:
    """The dependency behind `requires`: verifies the token and asks for one permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
        purpose: Annotated[
            str | None, Header(alias="X-Purpose", pattern=PURPOSE, description="Why personal data are read.")
        ] = None,
    ) -> Caller:
        if credentials is None:
            raise Unauthenticated()
        caller: Caller = await request.app.state.runtime.tokens.verify(credentials.credentials)
        if not caller.may(self.permission):
            name = self.permission.name
            raise Forbidden(Because(zh=f"需要权限 {name}", en=f"This needs the permission {name}"))
        caller = caller if purpose is None else replace(caller, purpose=purpose)
        request.state.caller = caller
        return caller


def requires(permission: Permission) -> Any:
    """The guard of a route, to stand inside of an `Annotated[Caller, …]`."""
    return Depends(Guard(permission))


def guard_of(route: ServedRoute) -> Guard | None:
    """The one guard of a route, for OpenAPI and for the test that every route has one; None for a public route."""
    found = [part.call for part in dependencies(route.dependant) if isinstance(part.call, Guard)]
    if len(found) > 1:
        raise ValueError(f"{route.path} names more than one permission")
    return found[0] if found else None
