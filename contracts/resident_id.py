"""Resident identity numbers (GB 11643) and the pseudonymous person key derived from them.

Only the check digit and the birth date decide whether a number is valid; an unknown region is a finding, never a
refusal. A disability card is a resident number with two or four more characters; a 15-digit number is the old form.
Raw numbers never travel on events: services match people by `person_key`.
"""

import hmac
import re
import unicodedata
from datetime import date

from stdnum import numdb
from stdnum.cn import ric

_FORM = re.compile(r"\d{17}[\dX](\d{2}|\d{4})?|\d{15}", re.ASCII)
_REGIONS = numdb.get("cn/loc")


class InvalidResidentId(ValueError):
    """The number is not a resident id. `reason` is a stable code and never holds the number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normalise(text: str) -> str:
    """The 18-character resident id behind what a file or a person wrote.

    Full-width characters become ASCII, `x` becomes `X`, spaces go, 15 digits become 18, and a disability card of 20
    or 22 characters is cut to the first 18. Raises InvalidResidentId with reason `id-form`, `id-birth-date` or
    `id-check-digit`.
    """
    number = "".join(unicodedata.normalize("NFKC", text).split()).upper().lstrip("'")
    if not _FORM.fullmatch(number):
        raise InvalidResidentId("id-form")
    if len(number) == 15:
        number = f"{number[:6]}19{number[6:]}"
        number += ric.calc_check_digit(number + "0")
    number = number[:18]
    birth_date(number)
    if ric.calc_check_digit(number) != number[-1]:
        raise InvalidResidentId("id-check-digit")
    return number


def birth_date(number: str) -> date:
    """The date of birth in a normalised number; raises InvalidResidentId when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise InvalidResidentId("id-birth-date") from error


def sex(number: str) -> str:
    """GB/T 2261.1: `1` male when the 17th digit is odd, otherwise `2` female."""
    return "1" if int(number[16]) % 2 else "2"


def region_is_known(number: str) -> bool:
    """Whether the first six digits stand in the library's region table (a finding when not, never a refusal)."""
    return all(properties for _, properties in _REGIONS.info(number[:6]))


def person_key(number: str, secret: bytes) -> str:
    """HMAC-SHA-256 (hex) of a normalised number under the deployment's secret: equal in every service."""
    return hmac.digest(secret, number.encode("ascii"), "sha256").hex()
