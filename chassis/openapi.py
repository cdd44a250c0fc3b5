"""Completes an app's OpenAPI 3.1 document: each operation's permission, its example and its problem responses.

FastAPI writes down what a signature says; what the chassis adds to every route (tokens, keys, problem documents) is
said here once, so that no route repeats it and none forgets it.
"""

from typing import Any

from fastapi import FastAPI

from chassis import access, openapi_examples
from chassis.problems import MEDIA_TYPE
from chassis.routes import ServedRoute, served_routes

JSON = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/components/responses/"
_SUPERSEDED = ("HTTPValidationError", "ValidationError")

PROBLEM: JSON = {
    "type": "object",
    "description": "RFC 9457 问题文档 / a problem document; what was sent is never echoed.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "In zh-CN or en by Accept-Language."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; a program decides by it."},
        "instance": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code"],
                "properties": {
                    "code": {"type": "string"},
                    "pointer": {"type": "string", "description": "A JSON pointer, or # and the parameter."},
                    "line": {"type": "integer"},
                    "column": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "findings": {
            "type": "array",
            "description": "Why a refusal by policy was made.",
            "items": {"type": "object"},
        },
    },
}
_RESPONSES = {
    "401": ("Unauthenticated", "没有有效的访问令牌 / without a valid access token"),
    "403": ("Forbidden", "没有所需的权限 / without the permission that the operation names"),
    "404": ("Missing", "辖区内不存在 / does not exist within the caller's divisions"),
    "409": ("Conflict", "状态或政策不允许，或首次请求仍在处理 / refused by state or policy, or still running"),
    "412": ("Stale", "版本已变化 / another change came first"),
    "413": ("TooLarge", "内容过大 / larger than is accepted"),
    "415": ("MediaType", "不支持的内容类型 / a media type that is not read here"),
    "422": ("Invalid", "内容不符合要求 / malformed, with a pointer to each place"),
    "503": ("Unavailable", "暂时不可用 / the database is away"),
}


def document(app: FastAPI) -> JSON:
    """The whole OpenAPI document of an app, built once."""
    if app.openapi_schema is None:
        app.openapi_schema = _completed(FastAPI.openapi(app), served_routes(app))
    return app.openapi_schema


def _completed(document: JSON, routes: list[ServedRoute]) -> JSON:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _SUPERSEDED:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    components["responses"] = {name: _response(text) for name, text in _RESPONSES.values()}
    document["jsonSchemaDialect"] = DIALECT
    for route in routes:
        for method in route.methods:
            operation = document["paths"].get(route.path, {}).get(method.lower())
            if operation is not None:
                _complete(operation, method, route, schemas)
    return document


def _complete(operation: JSON, method: str, route: ServedRoute, schemas: JSON) -> None:
    guard = access.guard_of(route)
    if guard is not None:
        permission = guard.permission
        operation["x-permission"] = permission.name
        operation["x-roles"] = sorted(permission.roles)
        operation["x-apps"] = permission.apps
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "Idempotency-Key":
            parameter["required"] = True
            parameter["schema"] = _not_null(parameter["schema"])
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type == "application/json" and "examples" not in content:
            content.setdefault("example", openapi_examples.example(content["schema"], schemas))
    responses = operation["responses"]
    for status in _problems(operation, method, guarded=guard is not None):
        responses[status] = {"$ref": _REFERENCE + _RESPONSES[status][0]}
    operation["responses"] = dict(sorted(responses.items()))


def _problems(operation: JSON, method: str, *, guarded: bool) -> list[str]:
    parameters = operation.get("parameters", [])
    named = {parameter["name"] for parameter in parameters}
    statuses = ["401", "403", "503"] if guarded else []
    if any(parameter["in"] == "path" for parameter in parameters):
        statuses.append("404")
    if method != "GET":
        statuses.append("409")
    if "If-Match" in named:
        statuses.append("412")
    if "requestBody" in operation:
        statuses += ["413", "415"]
    if parameters or "requestBody" in operation:
        statuses.append("422")
    return sorted(statuses)


def _not_null(schema: JSON) -> JSON:
    kept = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **kept[0]} if len(kept) == 1 else schema


def _response(description: str) -> JSON:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}
