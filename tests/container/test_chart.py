"""The Helm chart. Where helm is on PATH it is linted and rendered; the other tests need none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.blueprints.batch import EVENTS, RANGES
from functions.platform_settings import PLATFORM_SETTINGS
from functions.settings import SETTINGS
from functions.version import RELEASE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "drivecast"
TEMPLATES = sorted((CHART / "templates").iterdir())
HELM = shutil.which("helm")
needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not on PATH: the chart is not rendered here")

GIVEN = {
    "image.repository": "registry.example/drivecast",
    "identity.clientId": "11111111-2222-3333-4444-555555555555",
    "storage.account": "stdrivecasttest",
}
"""What has to be given."""


def read(name: str) -> dict[str, Any]:
    """Return one of the chart's YAML files."""
    found: dict[str, Any] = yaml.safe_load((CHART / name).read_text())
    return found


def text() -> str:
    """Return all templates."""
    return "\n".join(path.read_text() for path in TEMPLATES)


def value(path: str, values: dict[str, Any]) -> Any:
    """Return a value by its path."""
    for name in path.split("."):
        values = values[name]
    return values


def validated(values: dict[str, Any], folder: Path) -> int:
    """Hold values against the chart's schema, as helm does."""
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(CHART / "values.schema.json")]
    return subprocess.run(
        [*command, str(folder / "values.yaml")], capture_output=True, check=False
    ).returncode


def filled() -> dict[str, Any]:
    """Return the defaults with what has to be given."""
    values = read("values.yaml")
    for path, given in GIVEN.items():
        *parents, last = path.split(".")
        value(".".join(parents), values)[last] = given
    return values


def test_the_chart_is_of_this_version() -> None:
    chart = read("Chart.yaml")
    assert chart["apiVersion"] == "v2"
    assert chart["appVersion"] == RELEASE


def test_the_schema_is_a_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--check-metaschema",
        str(CHART / "values.schema.json"),
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_values_that_are_complete_are_taken(tmp_path: Path) -> None:
    assert validated(filled(), tmp_path) == 0


@pytest.mark.parametrize("path", GIVEN)
def test_what_has_to_be_given_is_asked_for(path: str, tmp_path: Path) -> None:
    values = filled()
    parent, _, last = path.partition(".")
    values[parent][last] = value(path, read("values.yaml"))
    assert validated(values, tmp_path) == 1


@pytest.mark.parametrize(
    ("path", "wrong"), [("scale.minimum", 0), ("scale.maximun", 3), ("settings.MODEL", 2)]
)
def test_values_that_cannot_be(path: str, wrong: object, tmp_path: Path) -> None:
    values = filled()
    parent, _, last = path.partition(".")
    values[parent][last] = wrong
    assert validated(values, tmp_path) == 1


def test_templates_ask_for_values_there_are() -> None:
    used = set(re.findall(r"\.Values\.([A-Za-z.]+)", text()))
    values = read("values.yaml")
    for path in used:
        value(path, values)
    tops = {path.split(".")[0] for path in used}
    assert set(values) == tops


def test_templates_include_names_there_are() -> None:
    defined = set(re.findall(r'define "([\w.]+)"', text()))
    assert set(re.findall(r'include "([\w.]+)"', text())) == defined


def test_every_block_is_closed() -> None:
    for path in TEMPLATES:
        found = re.findall(r"\{\{-?\s*(if|range|with|define|end)\b", path.read_text())
        opened = [word for word in found if word != "end"]
        assert len(opened) == found.count("end"), path.name


def test_it_scales_on_the_queues_of_the_code() -> None:
    template = (CHART / "templates" / "scaled-object.yaml").read_text()
    queues = re.search(r"range \$queue := list (.*?) }}", template)
    assert queues
    assert re.findall(r'"([a-z-]+)"', queues[1].replace("(include", "")) == [EVENTS, RANGES]
    # The host's own name for the queue behind its blob trigger, with the id that the deployment sets.
    assert '(printf "webjobs-blobtrigger-%s" (include "drivecast.hostId" .))' in queues[1]
    assert "AzureFunctionsWebHost__hostid" in (CHART / "templates" / "deployment.yaml").read_text()


def test_settings_are_the_apps() -> None:
    given = read("values.yaml")["settings"]
    platform = {setting.name: setting.value for setting in PLATFORM_SETTINGS}
    assert set(given) - set(platform) <= {setting.name for setting in SETTINGS}
    assert {name: given[name] for name in platform} == platform


def test_keys_are_in_the_account_and_the_hosts_folder_can_be_written() -> None:
    deployment = (CHART / "templates" / "deployment.yaml").read_text()
    image = re.search(r"FUNCTIONS_SECRETS_PATH=(\S+)", (ROOT / "Dockerfile").read_text())
    assert image
    assert f"- name: FUNCTIONS_SECRETS_PATH\n              value: {image[1]}\n" in deployment
    assert f"- name: secrets\n              mountPath: {image[1]}\n" in deployment
    assert "- name: secrets\n          emptyDir: {}\n" in deployment
    # Without the setting the host keeps its keys in azure-webjobs-secrets, the same for all pods.
    assert "AzureWebJobsSecretStorageType" not in text()


@pytest.mark.parametrize(
    "page", ["charts/drivecast/templates/NOTES.txt", "charts/drivecast/values.yaml", "docs/deploy.md"]
)
def test_kedas_own_credential_is_told(page: str) -> None:
    assert "system:serviceaccount:keda:keda-operator" in (ROOT / page).read_text()


def test_pods_are_as_the_image_wants_them() -> None:
    deployment = (CHART / "templates" / "deployment.yaml").read_text()
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert user
    assert f"runAsUser: {user[1]}" in deployment
    assert f"runAsGroup: {user[2]}" in deployment
    assert "containerPort: 8080" in deployment
    assert "runAsNonRoot: true" in deployment
    for key in ("connectionstring", "accountkey", "secretkeyref"):
        assert key not in deployment.lower()


def test_nothing_is_written_but_where_a_folder_is_mounted() -> None:
    deployment = (CHART / "templates" / "deployment.yaml").read_text()
    assert "readOnlyRootFilesystem: true" in deployment
    mounts = dict(re.findall(r"- name: (\w+)\n\s+mountPath: (\S+)\n", deployment))
    assert set(re.findall(r"- name: (\w+)\n\s+emptyDir: {}\n", deployment)) == set(mounts)
    # What the image gives to the user is what the host may write to, beside temporary files.
    owned = re.findall(r"chown --recursive drivecast:drivecast (.*?) \\", (ROOT / "Dockerfile").read_text())
    assert {*owned[0].split(), "/tmp"} <= set(mounts.values())
    assert not any(path.startswith("/home/site") for path in mounts.values())


@needs_helm
def test_helm_lints_and_renders() -> None:
    options = [part for path, given in GIVEN.items() for part in ("--set", f"{path}={given}")]
    for command in (["lint", "--strict", str(CHART)], ["template", "dev", str(CHART)]):
        done = subprocess.run([str(HELM), *command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    kinds = [each["kind"] for each in yaml.safe_load_all(done.stdout) if each]
    assert sorted(kinds) == [
        "Deployment",
        "ScaledObject",
        "Service",
        "ServiceAccount",
        "TriggerAuthentication",
    ]
