"""The image: what it installs is what the code that it holds imports, at the versions that are tested here."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
HELD = ("contracts", "chassis", "services", "gateway")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / lock).read_text()))


def plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def imported() -> set[str]:
    names = set()
    for folder in HELD:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - set(HELD)


def test_the_image_holds_the_code_and_installs_the_lock() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for folder in HELD:
        assert f"COPY {folder} {folder}\n" in dockerfile
    assert "--require-hashes -r /build/requirements-service.lock" in dockerfile


def test_what_the_code_imports_is_installed() -> None:
    installed = {plain(name) for name in pins("requirements-service.lock")}
    distributions = packages_distributions()
    missing = {name for name in imported() if not {plain(dist) for dist in distributions.get(name, [name])} & installed}
    assert missing == set()


def test_the_image_installs_the_versions_that_are_tested() -> None:
    tested = pins("requirements.lock")
    service = pins("requirements-service.lock")
    assert len(service) > 20
    assert {name: version for name, version in service.items() if tested.get(name) != version} == {}
