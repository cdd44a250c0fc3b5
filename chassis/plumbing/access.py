"""Who may use the plumbing routes, and the runtime that they work on."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.access import requires
from chassis.identity import Caller
from chassis.runtime import Runtime
from contracts import access

MayReadOperations = Annotated[Caller, requires(access.OPERATION_READ)]
MayOperate = Annotated[Caller, requires(access.OPERATE)]
MayReadParameters = Annotated[Caller, requires(access.PARAMETER_READ)]
MayLoadParameters = Annotated[Caller, requires(access.PARAMETER_WRITE)]
MayReadPolicy = Annotated[Caller, requires(access.POLICY_READ)]
MayReadAudit = Annotated[Caller, requires(access.AUDIT_READ)]


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


TheRuntime = Annotated[Runtime, Depends(_runtime)]
