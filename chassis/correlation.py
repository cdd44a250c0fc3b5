"""What ties one request or message to all that follows from it: correlation, causation and W3C trace context.

The context of the work at hand travels in a context variable: from the HTTP request to the log lines, into the
outbox row, through Kafka's headers and into the consumer's own work.
"""

import random
import re
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Correlation:
    correlation_id: str
    traceparent: str
    causation_id: str | None = None


def _child(parent: trace.SpanContext) -> str:
    trace_id = parent.trace_id if parent.is_valid else random.getrandbits(128) or 1
    return f"00-{trace_id:032x}-{random.getrandbits(64) or 1:016x}-{int(parent.trace_flags):02x}"


def begin(
    traceparent: str | None = None, correlation_id: str | None = None, causation_id: str | None = None
) -> Correlation:
    """The context of a new piece of work: a child of the given trace, or a new trace.

    A correlation id that does not fit the form (64 letters, digits and `._:-`) is replaced, so that nothing foreign
    enters logs and headers.
    """
    carrier = {"traceparent": traceparent} if traceparent else {}
    parent = trace.get_current_span(_PROPAGATOR.extract(carrier)).get_span_context()
    if not correlation_id or not _CORRELATION_ID.fullmatch(correlation_id):
        correlation_id = uuid4().hex
    return Correlation(correlation_id, _child(parent), causation_id)


current: ContextVar[Correlation] = ContextVar("correlation")


def now() -> Correlation:
    """The context of the work at hand; a new one where none was begun (start-up, timers)."""
    found = current.get(None)
    if found is None:
        found = begin()
        current.set(found)
    return found
