"""Dated dictionaries: code lists that the plan leaves open (等) or that a national standard sets.

An entry is good from a day to a day, so a list grows or renames without changing what was recorded before. Code
fields on the wire are open strings: a reader meets unknown codes and must live with them.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

_DICTIONARIES = files("contracts") / "dictionaries"


class Entry(BaseModel):
    """One code in force from `valid_from` to `valid_to` (both days included)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[0-9a-z]+(-[0-9a-z]+)*$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    valid_from: date
    valid_to: date | None = None
    source: str = Field(min_length=1)
    gb: str | None = None
    """The code of the dictionary's national standard, where it has one."""
    sample: bool = False
    """True where no public source was found for the entry: a deployment confirms or replaces it."""
    extra: Mapping[str, bool | str] = {}
    """What this dictionary says besides, such as a measure's provider."""

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.code} ends before it begins")
        return self


class UnknownDictionary(LookupError):
    """There is no dictionary of this name."""


class UnknownCode(LookupError):
    """The dictionary has no such code in force on the day."""

    def __init__(self, dictionary: str, code: str, day: date) -> None:
        super().__init__(f"{dictionary} has no code {code!r} in force on {day}")
        self.dictionary, self.code, self.day = dictionary, code, day


class Dictionary(BaseModel):
    """A code list with its whole history."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    zh: str
    en: str
    standard: str | None = None
    """The national standard from which `gb` codes come."""
    entries: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_meaning_a_day(self) -> Self:
        ordered = sorted(self.entries, key=lambda entry: (entry.code, entry.valid_from))
        for former, latter in pairwise(ordered):
            if former.code == latter.code and former.in_force(latter.valid_from):
                raise ValueError(f"{self.name}: {former.code} has two meanings on {latter.valid_from}")
        return self

    def find(self, code: str, day: date) -> Entry | None:
        """The entry of a code on a day, or None."""
        return next((entry for entry in self.entries if entry.code == code and entry.in_force(day)), None)

    def entry(self, code: str, day: date) -> Entry:
        """The entry of a code on a day; raises UnknownCode."""
        found = self.find(code, day)
        if found is None:
            raise UnknownCode(self.name, code, day)
        return found

    def in_force(self, day: date) -> tuple[Entry, ...]:
        """The entries that hold on a day, in the list's own order."""
        return tuple(entry for entry in self.entries if entry.in_force(day))

    def codes(self, day: date) -> tuple[str, ...]:
        """The codes that may be used on a day, in the list's own order."""
        return tuple(entry.code for entry in self.in_force(day))


@cache
def dictionary_names() -> tuple[str, ...]:
    """The names of all dictionaries, sorted."""
    names = (entry.name for entry in _DICTIONARIES.iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


@cache
def dictionary(name: str) -> Dictionary:
    """The dictionary of this name (kebab-case); raises UnknownDictionary.

    In its file `valid_from` and `source` stand once for all entries that name none of their own.
    """
    if name not in dictionary_names():
        raise UnknownDictionary(name)
    content = yaml.safe_load((_DICTIONARIES / f"{name}.yaml").read_text("utf-8"))
    shared = {key: content.pop(key) for key in ("valid_from", "source")}
    entries = [shared | entry for entry in content.pop("entries")]
    return Dictionary(name=name, entries=entries, **content)
