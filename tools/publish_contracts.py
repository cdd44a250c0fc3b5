"""Writes the published contracts, or compares them: `python -m tools.publish_contracts [--check | --release]`.

Everything in contracts/published is drawn from the code; nobody edits it. `--check` fails when the committed files
are not what the code says. `--release` freezes the present schemas as those that later changes are compared with.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from tools import asyncapi_document, compatibility, message_schemas, openapi_documents
from tools.message_types import message_types

PUBLISHED = Path(__file__).parents[1] / "contracts" / "published"
SCHEMAS = "schemas"
RELEASED = "released"
_COMMAND = "python -m tools.publish_contracts"


class _Dumper(yaml.SafeDumper):
    """Plain YAML: no anchors, for the reader's sake."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def drawn() -> dict[str, str]:
    """Every published file as the code says it now, by its path below contracts/published."""
    messages = message_types()
    files = {f"openapi/{service}.json": _json(body) for service, body in openapi_documents.documents().items()}
    files["asyncapi.yaml"] = yaml.dump(
        asyncapi_document.document(messages), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )
    for message in messages:
        files[f"{SCHEMAS}/{message.name}.json"] = _json(message_schemas.schema_of(message))
        files[f"examples/{message.name}.json"] = _json(message.example())
    return files


def committed(folder: Path = PUBLISHED) -> dict[str, str]:
    """Every published file as it lies in the tree, without what is frozen."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text() for name, path in files.items() if not name.startswith(f"{RELEASED}/")}


def differences(now: Mapping[str, str], then: Mapping[str, str]) -> list[str]:
    """What is missing, superfluous or different in the tree, a line for each file."""
    lines = []
    for name in sorted(now.keys() | then.keys()):
        if name not in then:
            lines.append(f"{name} is not committed")
        elif name not in now:
            lines.append(f"{name} is committed, but nothing draws it any more")
        elif now[name] != then[name]:
            lines.append(f"{name} is not what the code says")
    return lines


def released_schemas(folder: Path = PUBLISHED) -> dict[str, Any]:
    """The schemas that were frozen, by type."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((folder / RELEASED).glob("*.json"))}


def breaches(now: Mapping[str, str], released: Mapping[str, Any]) -> list[str]:
    """Where the present schemas break what was released."""
    found = []
    for name, old in released.items():
        text = now.get(f"{SCHEMAS}/{name}.json")
        if text is None:
            found.append(f"{name}: a released type is gone")
            continue
        found += [f"{name}: {breach}" for breach in compatibility.breaches(old, json.loads(text))]
    return found


def main(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail on any difference.")] = False,
    release: Annotated[bool, typer.Option("--release", help="Freeze the schemas of this release.")] = False,
    unreleased: Annotated[
        bool, typer.Option("--before-any-reader", help="With --release: break the frozen ones; nobody reads yet.")
    ] = False,
) -> None:
    """Draw OpenAPI, AsyncAPI, JSON Schemas and examples from the code."""
    now = drawn()
    if check:
        _check(now)
        return
    _write(now)
    if release:
        _release(now, even_if_broken=unreleased)


def _check(now: Mapping[str, str]) -> None:
    lines = [f"{line}: run `{_COMMAND}`" for line in differences(now, committed())]
    lines += [f"{line}: add it as optional, or send a v2 beside it" for line in breaches(now, released_schemas())]
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        raise typer.Exit(1)
    typer.echo(f"contracts/published: {len(now)} files are what the code says")


def _write(now: Mapping[str, str]) -> None:
    for name in committed().keys() - now.keys():
        (PUBLISHED / name).unlink()
    for name, content in now.items():
        path = PUBLISHED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    typer.echo(f"contracts/published: {len(now)} files written")


def _release(now: Mapping[str, str], *, even_if_broken: bool) -> None:
    broken = breaches(now, released_schemas())
    for line in broken:
        typer.echo(line, err=True)
    if broken and not even_if_broken:
        raise typer.Exit(1)
    shutil.rmtree(PUBLISHED / RELEASED, ignore_errors=True)
    (PUBLISHED / RELEASED).mkdir(parents=True)
    for name, content in now.items():
        if name.startswith(f"{SCHEMAS}/"):
            (PUBLISHED / RELEASED / Path(name).name).write_text(content)
    typer.echo("contracts/published/released: frozen")


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    commands = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    commands.command()(main)
    commands()
