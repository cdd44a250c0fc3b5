"""What divisions are called, from the list that the deployment gives: names change, codes are what counts."""

import csv
from collections.abc import Mapping
from pathlib import Path


class DivisionNames:
    """Names by code. A code that the list lacks is shown as it is."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    @classmethod
    def read(cls, path: Path | None) -> "DivisionNames":
        """A CSV file with the columns `code` and `name`, UTF-8 with or without a byte order mark; None: no names.

        Raises ValueError where a line lacks one of the two, so that a broken list is noticed at the start.
        """
        if path is None:
            return cls({})
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        if any(not row.get("code") or not row.get("name") for row in rows):
            raise ValueError(f"{path}: every line needs code and name")
        return cls({row["code"]: row["name"] for row in rows})

    def of(self, code: str) -> str:
        return self._names.get(code, code)
