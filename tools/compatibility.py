"""Whether a schema still keeps what another one promised: within a major version only optional additions.

Both sides count. A reader of the old schema must understand what is sent now, and what was sent then, kept for
replay, must satisfy the schema of now. So nothing that was said may change; an optional property may come.
"""

from collections.abc import Iterator, Mapping
from typing import Any

JSON = Mapping[str, Any]

ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default"})
"""What may change freely: it says nothing about which values are valid."""


def breaches(old: JSON, new: JSON) -> list[str]:
    """What `new` breaks of `old`, each with its place; empty when it is a compatible successor."""
    return list(_compare(_Side(old, old), _Side(new, new), "", frozenset()))


class _Side:
    """A part of a schema, together with the whole in which its references stand."""

    def __init__(self, whole: JSON, part: Any) -> None:
        self.whole = whole
        self.reference = part.get("$ref") if isinstance(part, Mapping) else None
        self.part = self._resolved(part)

    def _resolved(self, part: Any) -> Any:
        if not isinstance(part, Mapping) or "$ref" not in part:
            return part
        found: Any = self.whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return {**self._resolved(found), **beside}

    def into(self, *steps: Any) -> "_Side":
        part = self.part
        for step in steps:
            part = part[step]
        return _Side(self.whole, part)


def _compare(old: _Side, new: _Side, place: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
    if old.reference and new.reference:
        pair = (old.reference, new.reference)
        if pair in seen:
            return
        seen |= {pair}
    if not isinstance(old.part, Mapping) or not isinstance(new.part, Mapping):
        if old.part != new.part:
            yield f"{place or '/'}: changed"
        return
    yield from _compare_properties(old, new, place, seen)
    yield from _compare_required(old.part, new.part, place)
    for keyword in sorted((old.part.keys() | new.part.keys()) - ANNOTATIONS - {"properties", "required"}):
        yield from _compare_keyword(old, new, keyword, f"{place}/{keyword}", seen)


def _compare_properties(old: _Side, new: _Side, place: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
    after = new.part.get("properties", {})
    for name in old.part.get("properties", {}):
        if name not in after:
            yield f"{place}/{name}: removed"
        else:
            yield from _compare(old.into("properties", name), new.into("properties", name), f"{place}/{name}", seen)


def _compare_required(old: JSON, new: JSON, place: str) -> Iterator[str]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    known = old.get("properties", {}).keys()
    for name in sorted(after - before):
        yield f"{place}/{name}: {'was optional and is now' if name in known else 'is new and'} required"
    for name in sorted((before - after) & new.get("properties", {}).keys()):
        yield f"{place}/{name}: was always there and is now optional"


def _compare_keyword(
    old: _Side, new: _Side, keyword: str, place: str, seen: frozenset[tuple[str, str]]
) -> Iterator[str]:
    if keyword not in old.part:
        yield f"{place}: is a new condition"
    elif keyword not in new.part:
        yield f"{place}: a condition is gone"
    elif keyword in ("items", "additionalProperties"):
        yield from _compare(old.into(keyword), new.into(keyword), place, seen)
    elif keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        yield from _compare_lists(old.into(keyword), new.into(keyword), place, seen)
    elif old.part[keyword] != new.part[keyword]:
        yield f"{place}: changed"


def _compare_lists(old: _Side, new: _Side, place: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
    if len(old.part) != len(new.part):
        yield f"{place}: has other choices"
        return
    for number in range(len(old.part)):
        yield from _compare(old.into(number), new.into(number), f"{place}/{number}", seen)
