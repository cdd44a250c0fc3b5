"""If-Match on changes (RFC 9110): the version that the caller read, so that a lost race is 412."""

from typing import Annotated

from fastapi import Depends, Header

from contracts.decision import Because
from contracts.errors import FieldError, Invalid


class VersionMissing(Invalid):
    code = "if-match-missing"
    title = Because(zh="缺少 If-Match", en="Changes need If-Match with the ETag that was read")


def _version(
    if_match: Annotated[str | None, Header(alias="If-Match", description="The ETag that was read.")] = None,
) -> int:
    text = (if_match or "").strip().strip('"')
    if not text.isdigit():
        raise VersionMissing(errors=[FieldError("missing", "#header.If-Match")])
    return int(text)


IfMatch = Annotated[int, Depends(_version)]
"""The expected version of the aggregate that a command changes."""
