"""The routes that an app really serves. FastAPI keeps included routers whole, so `app.routes` alone does not tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts


@dataclass(frozen=True, slots=True)
class ServedRoute:
    """One route with its whole path, as a caller sees it."""

    path: str
    methods: frozenset[str]
    name: str
    summary: str | None
    endpoint: Callable[..., Any]
    dependant: Dependant


def served_routes(app: FastAPI) -> list[ServedRoute]:
    """Every route of an app in the order in which it is matched, those of included routers with their prefix."""
    return [
        ServedRoute(
            path=context.path or "",
            methods=frozenset(context.methods or ()) - {"HEAD"},
            name=context.name or "",
            summary=getattr(context, "summary", None),
            endpoint=context.endpoint,
            dependant=context.dependant,
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and context.endpoint is not None
    ]


def dependencies(dependant: Dependant) -> Iterator[Dependant]:
    """All that a route depends on, at any depth."""
    for dependency in dependant.dependencies:
        yield dependency
        yield from dependencies(dependency)
