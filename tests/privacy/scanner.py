"""Finds planted values wherever they come out, in every form in which a program writes them down by accident."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

LEAST_OF_BASE64 = 8
"""Fewer characters in common with an encoded value are chance."""


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """How a value may stand in a text or a message: plainly, escaped, encoded, in another charset, shortened."""
    plain = value.encode()
    yield "plain", plain
    yield "json", json.dumps(value)[1:-1].encode()
    yield "url", quote(value, safe="").encode()
    yield "url-lower", quote(value, safe="").lower().encode()
    yield "hex", plain.hex().encode()
    yield "repr", ascii(value)[1:-1].encode()
    yield "bytes-repr", repr(plain)[2:-1].encode()
    if not value.isascii():
        yield "gb18030", value.encode("gb18030")
    for shift in range(3):
        # What stands before a value moves its letters; those that depend on its neighbours are left out.
        encoded = base64.b64encode(b"\0" * shift + plain)
        inner = encoded[-(-shift * 8 // 6) :][: len(plain) * 8 // 6 - 1]
        if len(inner) >= LEAST_OF_BASE64:
            yield f"base64+{shift}", inner
    if (value.isdigit() and len(value) > 10) or (value[:-1].isdigit() and value[-1:] == "X"):
        yield "without-last", plain[:-1]
    if value.replace(".", "", 1).isdigit() and "." in value:
        yield "fen", plain.replace(b".", b"")


def found(planted: Sequence[str], collected: Mapping[str, Sequence[bytes]]) -> list[tuple[str, str, str]]:
    """Where which planted value came out, and in which form: (surface, value, form)."""
    return [
        (surface, value, form)
        for surface, pieces in collected.items()
        for value in planted
        for form, written in forms(value)
        if any(written in piece for piece in pieces)
    ]
