"""Holds the published contracts against validators that others wrote: `python -m tools.check_contracts`.

OpenAPI 3.1 by openapi-spec-validator, schemas and examples by jsonschema, AsyncAPI by AsyncAPI's own parser, which
runs on Node.js. Where that cannot run the output says so, and with `--strict` it fails.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from openapi_spec_validator import OpenAPIV31SpecValidator

from tools.publish_contracts import PUBLISHED, SCHEMAS

PARSER = Path(__file__).parent / "asyncapi"
_WITHIN_S = 300
_FORMATS: FormatChecker = Draft202012Validator.FORMAT_CHECKER


@dataclass(frozen=True, slots=True)
class Report:
    """What one validator said. `ran` is False where it could not be started, and then `lines` say why."""

    what: str
    ran: bool
    failed: bool
    lines: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One word for the end of a line."""
        return "FAILED" if self.failed else "valid" if self.ran else "NOT CHECKED"


def openapi_problems(document: Mapping[str, Any]) -> list[str]:
    """Where a document is not OpenAPI 3.1, or an example in it does not satisfy its schema."""
    problems = [f"{error.json_path}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()]
    return problems or list(_example_problems(document))


def _example_problems(document: Mapping[str, Any]) -> Iterator[str]:
    components = {"components": document.get("components", {})}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if "example" in content:
                    validator = Draft202012Validator({**components, **content["schema"]}, format_checker=_FORMATS)
                    for error in validator.iter_errors(content["example"]):
                        place = error.json_path.removeprefix("$")
                        yield f"{method.upper()} {path} example{place}: {error.message}; give the field an example"


def schema_problems(schema: Mapping[str, Any], example: Any) -> list[str]:
    """Where a schema is not JSON Schema 2020-12, or its committed example does not satisfy it."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [f"{error.json_path}: {error.message}"]
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    return [f"example {error.json_path}: {error.message}" for error in validator.iter_errors(example)]


def check_openapi(folder: Path = PUBLISHED) -> Report:
    """Every committed OpenAPI document."""
    files = sorted((folder / "openapi").glob("*.json"))
    lines = [f"{file.name}: {problem}" for file in files for problem in openapi_problems(_read(file))]
    return Report(f"OpenAPI 3.1 ({len(files)} documents)", bool(files), bool(lines) or not files, tuple(lines))


def check_schemas(folder: Path = PUBLISHED) -> Report:
    """Every committed JSON Schema with its committed example."""
    files = sorted((folder / SCHEMAS).glob("*.json"))
    lines = [
        f"{file.name}: {problem}"
        for file in files
        for problem in schema_problems(_read(file), _read(folder / "examples" / file.name))
    ]
    return Report(f"JSON Schema 2020-12 ({len(files)} types)", bool(files), bool(lines) or not files, tuple(lines))


def check_asyncapi(document: Path = PUBLISHED / "asyncapi.yaml", parser: Path = PARSER) -> Report:
    """The AsyncAPI document by AsyncAPI's own parser, installed beside its pinned lock when it is not there yet."""
    what = "AsyncAPI 3 (@asyncapi/parser)"
    reason = _prepare(parser)
    if reason is not None:
        return Report(what, False, False, (reason,))
    ended = _run(["node", "check.mjs", str(document.resolve())], parser)
    lines = (ended.stdout + ended.stderr).splitlines()
    return Report(what, True, ended.returncode != 0, tuple(lines))


def _prepare(parser: Path) -> str | None:
    """Why the parser cannot run, or None once it can."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"{program} is not installed; AsyncAPI's own parser comes from npm"
    if (parser / "node_modules" / ".package-lock.json").exists():
        return None
    try:
        ended = _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], parser)
    except subprocess.TimeoutExpired:
        return "npm ci did not end in time"
    return None if ended.returncode == 0 else f"npm ci failed: {ended.stderr.strip().splitlines()[-1:]}"


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_WITHIN_S)


def _read(file: Path) -> Any:
    return json.loads(file.read_text())


def main(
    strict: Annotated[bool, typer.Option("--strict", help="Fail where a validator cannot run.")] = False,
) -> None:
    """Validate what is committed in contracts/published."""
    reports = [check_openapi(), check_schemas(), check_asyncapi()]
    for report in reports:
        typer.echo(f"{report.what}: {report.verdict}")
        for line in report.lines:
            typer.echo(f"  {line}")
    if any(report.failed or (strict and not report.ran) for report in reports):
        raise typer.Exit(1)


if __name__ == "__main__":
    commands = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    commands.command()(main)
    commands()
