"""Problem documents (RFC 9457), in zh-CN or en by Accept-Language, with a stable code and JSON pointers.

What the caller sent is never echoed: a validation error keeps its place and its kind and loses its value.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from contracts.decision import Because, Finding
from contracts.errors import DomainError, FieldError, Invalid, Missing, TooLarge
from contracts.parameters import ParameterMissing

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:shouwang:problem:"
log = structlog.get_logger(__name__)

_STATUS_TITLES = {
    400: ("bad-request", Because(zh="请求有误", en="Bad request")),
    404: ("not-found", Missing.title),
    405: ("method-not-allowed", Because(zh="不支持此方法", en="Method not allowed")),
    406: ("not-acceptable", Because(zh="无法提供所需格式", en="Not acceptable")),
    413: ("too-large", TooLarge.title),
    415: ("media-type", Because(zh="不支持的内容类型", en="Unsupported media type")),
    503: ("unavailable", Because(zh="暂时不可用", en="Temporarily unavailable")),
}
_FIELD_TEXTS = {
    "missing": Because(zh="缺少必填项", en="A required field is missing"),
    "extra_forbidden": Because(zh="未知字段", en="Unknown field"),
    "json_invalid": Because(zh="不是有效的 JSON", en="This is not valid JSON"),
    "enum": Because(zh="不在允许的取值内", en="Not one of the allowed values"),
    "literal_error": Because(zh="不在允许的取值内", en="Not one of the allowed values"),
    "string_pattern_mismatch": Because(zh="格式不符", en="The form does not match"),
    "string_too_long": Because(zh="内容过长", en="Too long"),
    "string_too_short": Because(zh="内容过短", en="Too short"),
    "date_from_datetime_parsing": Because(zh="不是有效日期", en="Not a valid date"),
    "date_parsing": Because(zh="不是有效日期", en="Not a valid date"),
    "decimal_parsing": Because(zh="不是有效数字", en="Not a valid number"),
}
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}"
_OURS = re.compile(rf"|\.?[a-z][a-z.-]*|v\d|{_UUID}|\d{{1,6}}|\d{{9}}|\d{{12}}|[A-Z]{{1,2}}-[\d.]{{1,12}}")
"""Steps of a path that tell nothing of a person: words, ids, numbers of lines, codes of divisions and clauses."""
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_FIELD_OTHERWISE = Because(zh="取值无效", en="The value is not valid")


def wants_english(accept_language: str) -> bool:
    """Whether English is preferred to Chinese; Chinese is the language of the house."""
    best, english = 0.0, False
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        tag = tag.lower()
        if tag[:2] in ("en", "zh") and weight > best:
            best, english = weight, tag.startswith("en")
    return english


def text(because: Because, request: Request) -> str:
    """The text in the caller's language."""
    return because.en if wants_english(request.headers.get("accept-language", "")) else because.zh


def _finding(finding: Finding, request: Request) -> dict[str, Any]:
    body = finding.model_dump(mode="json")
    body["because"] = text(finding.because, request)
    return body


def _field(error: FieldError, request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {"code": error.code}
    for name in ("pointer", "line", "column"):
        if getattr(error, name) is not None:
            body[name] = getattr(error, name)
    if error.detail is not None:
        body["detail"] = text(error.detail, request)
    return body


def problem_body(
    request: Request,
    status: int,
    code: str,
    title: Because,
    *,
    detail: Because | None = None,
    errors: Sequence[FieldError] = (),
    findings: Sequence[Finding] = (),
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + code,
        "title": text(title, request),
        "status": status,
        "code": code,
        "instance": _instance(request),
    }
    if detail is not None:
        body["detail"] = text(detail, request)
    if errors:
        body["errors"] = [_field(error, request) for error in errors]
    if findings:
        body["findings"] = [_finding(finding, request) for finding in findings]
    return body


def problem_response(request: Request, error: DomainError) -> Response:
    """The answer for a domain error; also what is stored under an idempotency key when a command is refused."""
    headers: dict[str, str] = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = problem_body(
        request,
        error.status,
        error.code,
        error.title,
        detail=error.detail,
        errors=error.errors,
        findings=error.findings,
    )
    return JSONResponse(body, status_code=error.status, headers=headers, media_type=MEDIA_TYPE)


class ParameterNotInForce(DomainError):
    """A refusal that says which parameter, since when, and how to load the next value."""

    status = 409
    code = "parameter-not-in-force"
    title = Because(zh="政策参数无有效值", en="No policy parameter is in force")


def parameter_missing(error: ParameterMissing) -> ParameterNotInForce:
    ended = f"，上一个值止于 {error.ended_on}" if error.ended_on else ""
    ended_en = f" (the last one ended on {error.ended_on})" if error.ended_on else ""
    return ParameterNotInForce(
        Because(
            zh=f"参数 {error.key} 在 {error.day} 无有效值{ended}；请管理员经 POST /v1/parameters 载入新值",
            en=f"No value of {error.key} is in force on {error.day}{ended_en}; "
            "an administrator loads the next one with POST /v1/parameters",
        )
    )


def refusal_response(request: Request, error: DomainError | ParameterMissing) -> Response:
    """The answer for what a command was refused with."""
    return problem_response(request, parameter_missing(error) if isinstance(error, ParameterMissing) else error)


def _instance(request: Request) -> str:
    """The path that was asked for, without what is no id, code or word of ours: a caller may write anything there."""
    return "/".join(step if _OURS.fullmatch(step) else "-" for step in request.url.path.split("/"))


def _pointer(place: Sequence[int | str]) -> str | None:
    if place and place[0] == "body":
        return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in place[1:])
    return "#" + ".".join(str(step) for step in place)


def _validation(error: RequestValidationError) -> Invalid:
    fields = []
    for item in error.errors():
        kind = item["type"]
        place: tuple[int | str, ...] = () if kind == "json_invalid" else item["loc"]
        if kind == "extra_forbidden" and not _FIELD_NAME.fullmatch(str(place[-1])):
            place = place[:-1]  # the name of an unknown field is the caller's own word, and may be anything
        pointer = "" if kind == "json_invalid" else _pointer(place)
        fields.append(FieldError(kind.replace("_", "-"), pointer, detail=_FIELD_TEXTS.get(kind, _FIELD_OTHERWISE)))
    return Invalid(errors=fields)


def _http(request: Request, status: int, headers: Mapping[str, str] | None) -> Response:
    code, title = _STATUS_TITLES.get(status, ("error", DomainError.title))
    return JSONResponse(
        problem_body(request, status, code, title), status_code=status, headers=headers, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Every error of an app becomes a problem document."""

    @app.exception_handler(DomainError)
    async def domain(request: Request, error: DomainError) -> Response:
        return problem_response(request, error)

    @app.exception_handler(ParameterMissing)
    async def parameter(request: Request, error: ParameterMissing) -> Response:
        return problem_response(request, parameter_missing(error))

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request, _validation(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return _http(request, error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        # Only the kind of the error is told and logged: its text may hold a value.
        log.error("unexpected-error", error=type(error).__name__, path=_instance(request), exc_info=error)
        return JSONResponse(
            problem_body(request, 500, "internal", Because(zh="内部错误", en="Internal error")),
            status_code=500,
            media_type=MEDIA_TYPE,
        )
