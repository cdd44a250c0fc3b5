"""Attachments cited as evidence: each exists, may be read by whoever cites it, and is frozen from then on."""

from collections.abc import Sequence
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from contracts.decision import Because
from contracts.errors import FieldError, Invalid

_FREEZE = """
update chassis.attachments set frozen_at = coalesce(frozen_at, now())
where id = any($1::uuid[]) and division like $2 || '%' returning id
"""


class NoSuchEvidence(Invalid):
    code = "evidence-not-found"
    title = Because(zh="引用的附件不存在或您无权查看", en="An attachment that is cited does not exist, or not for you")


async def cite(uow: UnitOfWork, attachments: Sequence[UUID], *, within: str, pointer: str = "/attachments") -> None:
    """Freeze the attachments that a command cites. Raises NoSuchEvidence naming each one that is not there to be read.

    `within` is the division of the one who cites; `pointer` is where the list stands in the body.
    """
    found = {row["id"] for row in await uow.driver.fetch(_FREEZE, list(attachments), within)}
    missing = [place for place, attachment in enumerate(attachments) if attachment not in found]
    if missing:
        raise NoSuchEvidence(errors=[FieldError(NoSuchEvidence.code, f"{pointer}/{place}") for place in missing])
