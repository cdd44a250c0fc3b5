"""`python -m sampletown --out DIR`: writes the whole synthetic place as files."""

import csv
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.month import Month
from sampletown.file_writing import SYNTHETIC
from sampletown.national_file import write_national_csv, write_national_workbook
from sampletown.scale import ScaleName
from sampletown.town import Town, build_town

NOTE = f"""# {SYNTHETIC}

本目录中的人员、证件号码、电话、嘎查村、社区、事件全部由程序按随机种子生成，不涉及任何真实个人。

All people, numbers, villages and events in this folder are generated from a seed; no real person is described.

- `divisions.json`: divisions and resettlement sites · `officers.json`: sample officers · `liaison.csv`: cadres
- `national.csv`, `national.xlsx`: the registry under the national system's headings
- `bureaus/`, `bureaus-dirty/`: seven bureaus' files for 2023-08 to 2024-07, as they should be and as they are
- `truth.json`: what a screening must find, must not find, and cannot read
"""


def _plain(thing: object) -> object:
    """A month as `YYYY-MM`, any other dataclass as an object with its fields."""
    if isinstance(thing, Month) or not is_dataclass(thing):
        return str(thing)
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=_plain), encoding="utf-8")


def write_town(town: Town, out: Path, *, dirty: bool = True) -> Iterator[str]:
    """Write everything below a folder; yields the name of each file when it is written."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "SYNTHETIC.md").write_text(NOTE, encoding="utf-8")
    write_json(out / "divisions.json", {"divisions": town.places.divisions, "sites": town.places.sites})
    write_json(out / "officers.json", {"synthetic": True, "officers": tuple(town.officers)})
    yield "divisions.json, officers.json"
    _write_liaisons(out / "liaison.csv", town)
    write_national_csv(out / "national.csv", town.households)
    yield "national.csv, liaison.csv"
    if town.scale.name is not ScaleName.CITY:
        write_national_workbook(out / "national.xlsx", town.households)
        yield "national.xlsx"
    for file in town.all_bureau_files():
        yield str(file.write(out / "bureaus").relative_to(out))
    for file in town.all_bureau_files(dirty=True) if dirty else ():
        yield str(file.write(out / "bureaus-dirty").relative_to(out))
    write_json(out / "truth.json", _truth(town, dirty=dirty))
    yield "truth.json"


def _truth(town: Town, *, dirty: bool) -> dict[str, Any]:
    truth = town.truth()
    content: dict[str, Any] = {
        "synthetic": True,
        "seed": town.seed,
        "scale": town.scale.name,
        "flags": truth.flags,
        "near_misses": truth.near_misses,
    }
    if dirty:
        content["dirty"] = town.dirty_truth()
    return content


def _write_liaisons(path: Path, town: Town) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("户编号", "行政区划代码", "联户干部"))
        writer.writerows((each.national_no, each.division, each.cadre) for each in town.liaisons)


def main(
    out: Annotated[Path, typer.Option(help="Folder to write into; made when it is not there.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files, byte for byte.")] = 1,
    scale: Annotated[ScaleName, typer.Option(help="How large the place is.")] = ScaleName.TOWN,
    dirty: Annotated[bool, typer.Option(help="Also write the bureaus' files with dirt.")] = True,
) -> None:
    """Write a synthetic town: divisions, registry, a year of bureaus' files, and the truth about them."""
    for written in write_town(build_town(seed, scale), out, dirty=dirty):
        typer.echo(written)


if __name__ == "__main__":
    typer.run(main)
