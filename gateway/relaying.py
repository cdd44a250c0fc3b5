"""What changes in a message on its way through the gateway: hop-by-hop headers go, addresses become the gateway's.

Pure functions; pass_through.py moves the bytes.
"""

import re

Headers = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""RFC 9110, section 7.6.1; `Connection` itself may name more."""
_SAID_BY_GATEWAY = frozenset({b"host", b"expect", b"traceparent", b"x-correlation-id"})
_SAID_BY_SERVER = frozenset({b"date", b"server", b"x-correlation-id"})
_ADDRESSES = frozenset({b"location", b"content-location"})
_LINK_TARGET = re.compile(rb"<([^>]*)>")


def _end_to_end(headers: Headers, dropped: frozenset[bytes]) -> Headers:
    named = {
        name.strip().lower() for key, value in headers if key.lower() == b"connection" for name in value.split(b",")
    }
    gone = _HOP_BY_HOP | dropped | named
    return [(key, value) for key, value in headers if key.lower() not in gone]


def request_headers(headers: Headers) -> Headers:
    """What a service hears of a request. Trace and correlation are the gateway's to continue."""
    return _end_to_end(headers, _SAID_BY_GATEWAY)


def response_headers(headers: Headers, *, base: str, prefix: str) -> Headers:
    """What the caller hears of an answer: addresses of the service at `base` become those under `prefix`."""

    def outer(address: bytes) -> bytes:
        path = address.removeprefix(base.encode())
        return prefix.encode() + path if path.startswith(b"/") and not path.startswith(b"//") else address

    def rewritten(key: bytes, value: bytes) -> bytes:
        if key.lower() in _ADDRESSES:
            return outer(value)
        if key.lower() == b"link":
            return _LINK_TARGET.sub(lambda found: b"<" + outer(found[1]) + b">", value)
        return value

    return [(key, rewritten(key, value)) for key, value in _end_to_end(headers, _SAID_BY_SERVER)]


def has_body(headers: Headers) -> bool:
    """Whether a request brings a body (RFC 9112, section 6.3)."""
    found = {key.lower(): value for key, value in headers}
    return b"transfer-encoding" in found or found.get(b"content-length", b"0").strip() != b"0"


def climbs(path: str) -> bool:
    """Whether a decoded path has a `.` or `..` step, by which it could leave the part that it names."""
    return any(step in (".", "..") for step in path.replace("\\", "/").split("/"))
