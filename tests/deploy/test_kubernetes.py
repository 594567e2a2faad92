"""deploy/kubernetes.yaml: valid, hardened, and with settings and probes that doorstep answers."""

from pathlib import Path
from typing import Any

import httpx
import kubernetes_validate
import pytest
import yaml

from doorstep import __version__
from tests.deploy.conftest import Served
from tests.deploy.container import SECONDS_TO_STOP
from tests.deploy.dockerfile import value_of
from tests.deploy.mounted import settings_of
from tests.deploy.tools import DEPLOY

OBJECTS: dict[str, dict[str, Any]] = {
    found["kind"]: found for found in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
}
SPEC = OBJECTS["Deployment"]["spec"]
POD = SPEC["template"]["spec"]
(CONTAINER,) = POD["containers"]
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
DATABASE = "postgresql://doorstep:secret@pg1,pg2/doorstep?target_session_attrs=read-write"


@pytest.mark.parametrize("version", ["1.27", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("kind", OBJECTS)
def test_each_object_is_what_kubernetes_takes(kind: str, version: str) -> None:
    kubernetes_validate.validate(OBJECTS[kind], version, strict=True)


def test_the_image_is_that_of_this_version() -> None:
    assert CONTAINER["image"] == f"doorstep:{__version__}"


def test_the_objects_find_one_another() -> None:
    labels = SPEC["template"]["metadata"]["labels"]
    assert SPEC["selector"]["matchLabels"] == labels
    assert OBJECTS["Service"]["spec"]["selector"] == labels
    assert OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    (port,) = CONTAINER["ports"]
    assert port["containerPort"] == int(value_of("EXPOSE"))
    assert [entry["targetPort"] for entry in OBJECTS["Service"]["spec"]["ports"]] == [port["name"]]
    assert {CONTAINER[probe]["httpGet"]["port"] for probe in PROBES} == {port["name"]}


def test_the_pod_is_hardened() -> None:
    user, group = map(int, value_of("USER").split(":"))
    assert POD["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "fsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False
    # Else DOORSTEP_PORT would be what Kubernetes says of a Service, and not the setting.
    assert POD["enableServiceLinks"] is False
    assert "memory" in CONTAINER["resources"]["limits"]


def test_an_update_or_a_drained_node_leaves_one_pod_serving() -> None:
    assert SPEC["replicas"] > OBJECTS["PodDisruptionBudget"]["spec"]["minAvailable"] >= 1
    assert SPEC["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    waits = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    assert POD["terminationGracePeriodSeconds"] > waits + SECONDS_TO_STOP


def test_doorstep_takes_its_settings_from_the_mounted_secret(tmp_path: Path) -> None:
    mounts = {mount["name"]: mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    assert mounts.keys() == volumes.keys()
    assert mounts["temporary"] == "/tmp"
    assert volumes["secrets"]["secret"]["defaultMode"] == 0o440
    (tmp_path / "database").write_text(DATABASE)
    (tmp_path / "signing_secret").write_text("x" * 32)
    environ = {entry["name"]: entry["value"] for entry in CONTAINER["env"]}
    settings = settings_of(environ, mounts["secrets"], tmp_path)
    assert (settings.database, settings.signing_secret) == (DATABASE, "x" * 32)


@pytest.mark.parametrize("probe", PROBES)
def test_a_serving_pod_passes_the_probe(served: Served, probe: str) -> None:
    path = CONTAINER[probe]["httpGet"]["path"]
    assert httpx.get(f"http://{served.host_port}{path}").status_code == 200
