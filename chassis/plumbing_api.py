"""Routes that every service has: operations, parked messages, republish and replay, parameters, clauses, audit."""

from fastapi import APIRouter

from chassis.plumbing import logs, operations, parameters, parked, records
from chassis.runtime import Service


def router(service: Service) -> APIRouter:
    """The plumbing routes of one service."""
    api = APIRouter(tags=["plumbing"])
    for part in (operations.router, parked.router, logs.router, parameters.router(service), records.router):
        api.include_router(part)
    return api
