"""The manifests as kustomize renders them: valid by Kubernetes' own schemas, and true to what the processes read."""

import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from chassis.settings import Settings
from gateway.settings import Settings as GatewaySettings

OVERLAYS = Path(__file__).parents[2] / "deploy" / "k8s" / "overlays"
KUBERNETES = "1.33"
RECOMMENDED = {"name", "instance", "component", "part-of", "managed-by"}
"""Labels that Kubernetes recommends, under app.kubernetes.io/."""

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl, which renders the overlays, is missing"
)
each_overlay = pytest.mark.parametrize("overlay", ["county", "trial"])


@cache
def rendered(overlay: str) -> list[dict[str, Any]]:
    told = subprocess.run(
        ["kubectl", "kustomize", str(OVERLAYS / overlay)], capture_output=True, check=True, text=True, timeout=60
    )
    return list(yaml.safe_load_all(told.stdout))


def deployments(overlay: str) -> list[dict[str, Any]]:
    return [item for item in rendered(overlay) if item["kind"] == "Deployment"]


def settings_given(overlay: str, container: dict[str, Any]) -> set[str]:
    maps = {item["metadata"]["name"]: item["data"] for item in rendered(overlay) if item["kind"] == "ConfigMap"}
    shared = [name for source in container["envFrom"] for name in maps[source["configMapRef"]["name"]]]
    return {*shared, *(entry["name"] for entry in container["env"])}


@each_overlay
def test_each_resource_is_valid(overlay: str) -> None:
    for item in rendered(overlay):
        kubernetes_validate.validate(item, KUBERNETES, strict=True)


@each_overlay
def test_five_apis_and_five_workers(overlay: str) -> None:
    names = {item["metadata"]["name"] for item in deployments(overlay)}
    services = ("monitoring", "assets", "employment", "relief", "gateway")
    assert names == {f"{service}-{part}" for service in services for part in ("api", "worker")}


@each_overlay
def test_each_workload_carries_the_recommended_labels(overlay: str) -> None:
    for item in deployments(overlay):
        for labels in (item["metadata"]["labels"], item["spec"]["template"]["metadata"]["labels"]):
            assert {f"app.kubernetes.io/{label}" for label in RECOMMENDED} <= labels.keys()


@each_overlay
def test_each_container_is_told_what_it_needs_and_nothing_it_does_not_know(overlay: str) -> None:
    for item in deployments(overlay):
        pod = item["spec"]["template"]["spec"]
        for container in (*pod["initContainers"], *pod["containers"]):
            given = settings_given(overlay, container)
            kind = GatewaySettings if container["command"][2] == "gateway" else Settings
            required = {f"SHOUWANG_{name}".upper() for name, field in kind.model_fields.items() if field.is_required()}
            known = {f"SHOUWANG_{name}".upper() for name in GatewaySettings.model_fields}
            assert required <= given, item["metadata"]["name"]
            assert given <= known, item["metadata"]["name"]


@each_overlay
def test_each_container_runs_a_command_that_exists_without_rights(overlay: str) -> None:
    for item in deployments(overlay):
        pod = item["spec"]["template"]["spec"]
        service, part = item["metadata"]["name"].split("-")
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert [container["command"][3] for container in pod["initContainers"]] == ["migrate"]
        assert pod["containers"][0]["command"][3] == {"api": "serve", "worker": "worker"}[part]
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["command"][2].split(".")[-1] == service
            assert find_spec(f"{container['command'][2]}.__main__") is not None
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


@each_overlay
def test_each_database_has_a_secret_of_its_own(overlay: str) -> None:
    for item in deployments(overlay):
        service = item["metadata"]["labels"]["app.kubernetes.io/name"]
        pod = item["spec"]["template"]["spec"]
        for container in (*pod["initContainers"], *pod["containers"]):
            database = next(entry for entry in container["env"] if entry["name"] == "SHOUWANG_DATABASE_URL")
            assert database["valueFrom"]["secretKeyRef"]["name"] == f"{service}-database"
