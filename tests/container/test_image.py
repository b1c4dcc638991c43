"""Dockerfile and compose.yaml, as far as they can be held without Docker: neither was built or run here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pathspec
import pytest
import yaml
from azure.storage.blob import BlobServiceClient

from functions.platform_settings import PLATFORM_SETTINGS
from functions.settings import SETTINGS
from ops.deploy import package

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
AZURITE = re.compile(r'"azurite": "([\d.]+)"')


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    """Run hadolint, every rule."""
    program = Path(sys.executable).with_name("hadolint")
    return subprocess.run(
        [str(program), "--failure-threshold", "style", str(path)], capture_output=True, text=True, check=False
    )


def instructions(name: str) -> list[str]:
    """Return the arguments of every instruction of a kind, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(f"{name} ")]


def variables() -> dict[str, str]:
    """Return the variables that the image sets."""
    words = [word for line in instructions("ENV") for word in line.split()]
    return dict(word.split("=", 1) for word in words)


def left_out(path: str) -> bool:
    """Say whether Docker leaves a file behind: the last pattern that it, or a folder above it, matches."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if pathspec.GitIgnoreSpec.from_lines([pattern]).match_file(path):
            out = not line.startswith("!")
    return out


def compose() -> dict[str, Any]:
    """Return compose.yaml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def test_hadolint_finds_nothing() -> None:
    done = hadolint(DOCKERFILE)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        (instructions("FROM")[0], "mcr.microsoft.com/azure-functions/python", "DL3006"),
        ("pip install --no-cache-dir", "pip install", "DL3042"),
        ("WORKDIR /home", "WORKDIR home", "DL3000"),
        ('CMD ["python", "-c", "import', 'CMD python -c "import', "DL3025"),
    ],
)
def test_hadolint_finds_a_slip(right: str, wrong: str, rule: str, tmp_path: Path) -> None:
    text = DOCKERFILE.read_text()
    assert right in text
    (tmp_path / "Dockerfile").write_text(text.replace(right, wrong, 1))
    done = hadolint(tmp_path / "Dockerfile")
    assert done.returncode == 1
    assert rule in done.stdout


def test_it_is_the_functions_image() -> None:
    # With a digest behind the tag from the first pull request of images.yml on.
    (image,) = instructions("FROM")
    tag, _, digest = image.partition("@")
    assert tag == "mcr.microsoft.com/azure-functions/python:4-python3.13"
    assert not digest or re.fullmatch(r"sha256:[0-9a-f]{64}", digest)


def test_it_sets_what_every_deployment_sets() -> None:
    given = variables()
    assert {setting.name: given.get(setting.name) for setting in PLATFORM_SETTINGS} == {
        setting.name: setting.value for setting in PLATFORM_SETTINGS
    }


def test_the_host_can_make_its_secrets_folder() -> None:
    """As another user than root it cannot in its own folder, and answers 503 for ever (recorded)."""
    folder = variables()["FUNCTIONS_SECRETS_PATH"]
    (run,) = (line for line in instructions("RUN") if "useradd" in line)
    assert folder.startswith("/home/")
    assert f"{folder}/Sentinels" in re.findall(r"mkdir -p (.*?) &&", run)[0].split()
    given = re.findall(r"chown --recursive drivecast:drivecast (.*?) &&", run)[0].split()
    assert any(folder.startswith(f"{each}/") for each in given)


def test_the_code_is_roots() -> None:
    """No folder of it, nor one above, can be written to or exchanged by who the host runs as."""
    (run,) = (line for line in instructions("RUN") if "useradd" in line)
    steps = [" ".join(step.split()) for step in run.split("&&")]
    assert steps[3] == "chown --recursive root:root /home"
    given = steps[4].removeprefix("chown --recursive drivecast:drivecast ").split()
    code = instructions("WORKDIR")[0]
    assert not [each for each in given if f"{code}/".startswith(f"{each.rstrip('/')}/")]
    assert steps[5:] == ["chmod 1777 /home"]
    assert instructions("COPY") == ["requirements.txt .", ". ."]
    # The time of packing is written by root as well.
    assert DOCKERFILE.read_text().index("USER ") > DOCKERFILE.read_text().index("packed.txt\n")


def test_it_does_not_run_as_root() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert "USER" in DOCKERFILE.read_text().split("COPY . .")[1]
    # Who is not root opens no port below 1024.
    assert "ASPNETCORE_URLS=http://+:8080" in DOCKERFILE.read_text()
    assert instructions("EXPOSE") == ["8080"]


def test_it_has_the_deployed_requirements() -> None:
    # test_image_start.py runs this line.
    assert any("--requirement requirements.txt" in line for line in instructions("RUN"))
    assert not re.search(r"pip install (?!.*requirements\.txt)", DOCKERFILE.read_text().replace("\\\n", " "))


def test_the_image_holds_what_the_package_holds() -> None:
    roots = ("function_app.py", "functions", "host.json", "models", "requirements.txt")
    mine = [
        path.relative_to(ROOT).as_posix()
        for root in roots
        for path in ([ROOT / root] if (ROOT / root).is_file() else sorted((ROOT / root).rglob("*")))
        if path.is_file()
    ]
    assert {path for path in mine if not left_out(path)} == set(package.files(ROOT))
    for other in (
        "README.md",
        ".git/config",
        "ops/demo/command.py",
        "ops/functions/x.py",
        "local.settings.json",
        ".env",
        "mlflow.db",
    ):
        assert left_out(other), other


def test_compose_keeps_to_the_published_schema(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(ROOT / "compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (tmp_path / "compose.yaml").write_text(
        (ROOT / "compose.yaml").read_text().replace("depends_on", "depends")
    )
    slip = [*command, str(tmp_path / "compose.yaml")]
    assert subprocess.run(slip, capture_output=True, check=False).returncode == 1


def test_compose_has_the_pinned_azurite() -> None:
    pinned = AZURITE.search((ROOT / "package.json").read_text())
    assert pinned
    assert compose()["services"]["azurite"]["image"] == f"mcr.microsoft.com/azure-storage/azurite:{pinned[1]}"


def test_compose_is_reached_from_this_machine_alone() -> None:
    for service in compose()["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_compose_gives_settings_there_are() -> None:
    known = {setting.name for setting in SETTINGS}
    environment = compose()["services"]["app"]["environment"]
    for setting in PLATFORM_SETTINGS:
        assert environment.pop(setting.name) == setting.value
    host = {
        "FUNCTIONS_SECRETS_PATH",
        "FUNCTIONS_WORKER_RUNTIME",
        "AzureWebJobsStorage",
        "AzureWebJobsSecretStorageType",
    }
    assert set(environment) - host <= known
    assert environment["BLOB_TRIGGER_SOURCE"] == "LogsAndContainerScan"
    client = BlobServiceClient.from_connection_string(environment["AzureWebJobsStorage"])
    assert client.primary_endpoint == "http://azurite:10000/devstoreaccount1/"


def test_compose_gives_the_host_keys_it_need_not_write() -> None:
    found = compose()
    app = found["services"]["app"]
    assert app["environment"]["AzureWebJobsSecretStorageType"] == "files"
    assert app["environment"]["FUNCTIONS_SECRETS_PATH"] == variables()["FUNCTIONS_SECRETS_PATH"]
    (mounted,) = app["configs"]
    # One file, not the folder: beside it the host makes its own.
    assert mounted["target"] == f"{variables()['FUNCTIONS_SECRETS_PATH']}/host.json"
    assert f"{mounted['uid']}:{mounted['gid']}" == instructions("USER")[0]
    keys = json.loads(found["configs"][mounted["source"]]["content"])
    # The blob extension asks for this one when it starts, as WEBSITE_HOSTNAME is set.
    assert [key["name"] for key in keys["systemKeys"]] == ["blobs_extension"]
    assert not any(key["encrypted"] for kind in ("systemKeys", "functionKeys") for key in keys[kind])
