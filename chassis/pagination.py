"""Lists in pages by keyset: the cursor says after which key the next page begins, so a page costs the same anywhere.

A cursor is opaque to callers: base64 of the last row's sort values.
"""

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from contracts.errors import FieldError, Invalid

MOST = 500


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    after: tuple[Any, ...] | None


def _page(
    limit: Annotated[int, Query(ge=1, le=MOST, description="Rows in a page.")] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="From the Link header of the last page.")] = None,
) -> Page:
    return Page(limit, None if cursor is None else _decode(cursor))


PageQuery = Annotated[Page, Depends(_page)]


def _decode(cursor: str) -> tuple[Any, ...]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
            raise ValueError("not a list of keys")
    except ValueError as error:
        raise Invalid(errors=[FieldError("cursor", "#query.cursor")]) from error
    return tuple(values)


def next_link(request: Request, last: tuple[Any, ...] | None) -> dict[str, str]:
    """The Link header (RFC 8288) to the next page after the row with these keys; none after the last page."""
    if last is None:
        return {}
    cursor = base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
    url = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}
