"""Updates name the version that their caller saw (`If-Match`), so that of two officers only one wins."""

import re
from typing import Annotated

from fastapi import Depends, Header

from contracts.decision import Because
from contracts.errors import FieldError, Invalid

_TAG = re.compile(r'"(\d{1,18})"', re.ASCII)


class IfMatchMissing(Invalid):
    code = "if-match-missing"
    title = Because(zh="缺少 If-Match", en="The If-Match header is missing")


class IfMatchForm(Invalid):
    code = "if-match-form"
    title = Because(zh="If-Match 应为读取时的 ETag", en="If-Match is the ETag that was read")


def _expected_version(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", max_length=40, description="The ETag that was read; 412 when it has changed."),
    ] = None,
) -> int:
    if if_match is None:
        raise IfMatchMissing(errors=[FieldError("missing", "#header.If-Match")])
    tag = _TAG.fullmatch(if_match)
    if tag is None:
        raise IfMatchForm(errors=[FieldError("if-match-form", "#header.If-Match")])
    return int(tag[1])


ExpectedVersion = Annotated[int, Depends(_expected_version)]
"""The dependency of every update: the version in `If-Match`, to be compared under the row's lock."""


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'
