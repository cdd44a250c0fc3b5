"""Why something cannot be done, in domain words; the chassis turns each kind into a problem document.

    DomainError
    ├── Missing      there is no such thing for this caller          404
    ├── Forbidden    the caller may not do this                      403
    ├── Conflict     the state of things or the policy refuses it    409 (a policy refusal carries its findings)
    ├── Stale        the thing has changed since it was read         412
    ├── Invalid      the input is malformed                          422
    └── TooLarge     the input is larger than a setting allows       413

Subclasses set `code` (stable, kebab-case) and `title`. A detail may name ids and fields, never a personal value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from contracts.decision import Because, Finding


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong at one place: a JSON pointer, or line and column of a file. Never the value itself."""

    code: str
    pointer: str | None = None
    line: int | None = None
    column: str | None = None
    detail: Because | None = None


class DomainError(Exception):
    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    title: ClassVar[Because] = Because(zh="无法完成", en="This cannot be done")

    def __init__(
        self,
        detail: Because | None = None,
        *,
        findings: Sequence[Finding] = (),
        errors: Sequence[FieldError] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.findings = tuple(findings)
        self.errors = tuple(errors)
        self.retry_after_s = retry_after_s


class Missing(DomainError):
    status = 404
    code = "not-found"
    title = Because(zh="未找到", en="Not found")


class Forbidden(DomainError):
    status = 403
    code = "forbidden"
    title = Because(zh="无权操作", en="Not permitted")


class Conflict(DomainError):
    status = 409
    code = "conflict"
    title = Because(zh="与现状或政策冲突", en="In conflict with the present state or the policy")


class Stale(DomainError):
    status = 412
    code = "stale"
    title = Because(zh="数据已被他人更新", en="Changed by someone else since it was read")


class Invalid(DomainError):
    status = 422
    code = "invalid"
    title = Because(zh="输入有误", en="The input is malformed")


class TooLarge(DomainError):
    status = 413
    code = "too-large"
    title = Because(zh="内容过大", en="Larger than allowed")
