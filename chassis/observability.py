"""Metrics, JSON logs and correlation of every request, in one pure ASGI middleware (a wrapping one would cost two
thirds of the throughput). Route templates label the metrics, never addresses: an id in a path is personal data.
"""

import logging
import sys
import time
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict

from chassis import correlation, problems
from contracts.decision import Because
from contracts.errors import DomainError, TooLarge

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})


def _add_correlation(_logger: Any, _method: str, event: EventDict) -> EventDict:
    context = correlation.current.get(None)
    if context is not None:
        event["correlation_id"] = context.correlation_id
        event["trace_id"] = context.traceparent[3:35]
    return event


def _name_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """An exception's place is logged and its text is not: it may hold a value that someone sent."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        places, frame = [], error.__traceback__
        while frame is not None:
            places.append(f"{frame.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{frame.tb_lineno}")
            frame = frame.tb_next
        event["at"] = places[-6:]
    return event


def configure_logging(service: str, level: str) -> None:
    """JSON lines on standard output for structlog and for the libraries' own loggers (warnings and above)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at_system"),
            _add_correlation,
            _name_exception,
            lambda _logger, _method, event: {"service": service, **event},
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stdout,
        force=True,
        format='{"service": "' + service + '", "logger": "%(name)s", "level": "%(levelname)s"}',
    )


class Metrics:
    """All metrics of one process, in a registry of its own, each with a description."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.requests = Counter(
            "shouwang_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "shouwang_http_request_seconds",
            "Time to the last byte.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.outbox_pending = Gauge("shouwang_outbox_pending", "Messages written and not sent yet.", registry=registry)
        self.outbox_oldest_seconds = Gauge(
            "shouwang_outbox_oldest_seconds", "Age of the oldest message not sent yet.", registry=registry
        )
        self.outbox_parked = Gauge(
            "shouwang_outbox_parked_keys", "Keys whose next message cannot be sent.", registry=registry
        )
        self.sent = Counter("shouwang_relay_sent", "Messages sent and marked.", ["topic"], registry=registry)
        self.consumed = Counter("shouwang_consumer_messages", "Messages read.", ["topic", "outcome"], registry=registry)
        self.parked = Gauge(
            "shouwang_consumer_parked", "Received messages that are parked.", ["reason"], registry=registry
        )
        self.parked_oldest_seconds = Gauge(
            "shouwang_consumer_parked_oldest_seconds", "Age of the oldest parked message.", registry=registry
        )
        self.behind_seconds = Gauge(
            "shouwang_projection_behind_seconds",
            "System seconds since the projections were current.",
            registry=registry,
        )
        self.log_findings = Counter(
            "shouwang_consumer_log_findings",
            "Replaced logs, lost beginnings and gaps recognised.",
            ["kind"],
            registry=registry,
        )
        self.operations = Counter("shouwang_operations", "Operations ended.", ["kind", "state"], registry=registry)
        self.build = Gauge("shouwang_service", "The service that this process runs.", ["service"], registry=registry)
        self.build.labels(service).set(1)


class Observe:
    """Begins the correlation of a request, counts and times it, logs one line, and returns its id."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = structlog.get_logger("request")
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        context = correlation.begin(
            headers.get(b"traceparent", b"").decode("latin-1") or None,
            headers.get(b"x-correlation-id", b"").decode("latin-1") or None,
        )
        token = correlation.current.set(context)
        status = 500
        started = time.perf_counter()

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-correlation-id", context.correlation_id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            self._count(scope, status, time.perf_counter() - started)
            correlation.current.reset(token)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"]
        key = (method, route, status)
        children = self._children.get(key)
        if children is None:
            children = (
                self._metrics.requests.labels(method, route, str(status)),
                self._metrics.request_seconds.labels(method, route),
            )
            self._children[key] = children
        children[0].inc()
        children[1].observe(seconds)
        if route not in _QUIET:
            self._log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


class DemoOnlyOnLoopback(DomainError):
    status = 503
    code = "demo-only-on-loopback"
    title = Because(zh="演示模式只接受本机访问", en="A demonstration is reached over loopback only")


class Limits:
    """Refuses oversized JSON bodies, and any request to a DEMO process that did not come over loopback."""

    def __init__(self, app: ASGIApp, *, body_limit: int, demo: bool) -> None:
        self._app = app
        self._body_limit = body_limit
        self._demo = demo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if self._demo and not _is_local(scope):
                await problems.problem_response(Request(scope), DemoOnlyOnLoopback())(scope, receive, send)
                return
            if _is_json(scope):
                await self._bounded(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._body_limit:
            await problems.problem_response(Request(scope), TooLarge())(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._body_limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def _is_local(scope: Scope) -> bool:
    server = scope.get("server")
    return server is None or server[0] in ("127.0.0.1", "::1", "localhost", "testserver", "test")


def _is_json(scope: Scope) -> bool:
    content_type = dict(scope["headers"]).get(b"content-type", b"application/json")
    return bool(content_type.split(b";")[0].strip().endswith(b"json"))
