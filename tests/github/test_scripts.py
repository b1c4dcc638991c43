"""The scripts of the workflows, run for real but for GitHub, Azure and hours of training."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github.workflow_files import GITHUB, ROOT, run_scripts
from training.commands.retrain import EXIT_KEPT

BASH = shutil.which("bash") or "/bin/bash"
needs_gnu_date = pytest.mark.skipif(
    subprocess.run(["date", "-u", "-d", "2025-01-01", "+%F"], capture_output=True, check=False).returncode
    != 0,
    reason="`date -d` is GNU's; the workflows run on Ubuntu",
)
needs_jq = pytest.mark.skipif(
    shutil.which("jq") is None, reason="jq is not on PATH; GitHub's runners have it"
)


def run(script: str, *arguments: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script of .github/scripts."""
    return subprocess.run(
        [BASH, str(GITHUB / "scripts" / script), *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, script: str) -> Path:
    """Write a stand-in for a program."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!{BASH}\n{script}\n")
    path.chmod(0o755)
    return path


def on_path(folder: Path) -> str:
    """Return PATH with a folder before the others."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@needs_gnu_date
@pytest.mark.parametrize(
    ("today", "count", "expected"),
    [
        ("2026-11-20", "2", "2026-Q2 2026-Q3"),
        ("2026-02-20", "2", "2025-Q3 2025-Q4"),
        ("2026-02-14", "1", "2025-Q3"),
        ("2026-02-15", "1", "2025-Q4"),
        ("2026-08-20", "4", "2025-Q3 2025-Q4 2026-Q1 2026-Q2"),
        ("2024-02-29", "2", "2023-Q3 2023-Q4"),
    ],
)
def test_the_newest_quarters(today: str, count: str, expected: str) -> None:
    assert run("last_quarters.sh", count, today).stdout == f"{expected}\n"


@needs_gnu_date
def test_quarters_are_written_as_download_takes_them() -> None:
    import datetime as dt

    from training.downloading.quarter import release_of

    today = dt.datetime.now(dt.UTC).date()
    for quarter in run("last_quarters.sh", "2").stdout.split():
        assert release_of(quarter, today).name


GH = """
# Stands in for GitHub: three deployments, of which the second succeeded once. --jq is jq itself.
case "$2" in
*/deployments\\?*) answer='[{"id": 3, "sha": "ccc"}, {"id": 2, "sha": "bbb"}, {"id": 1, "sha": "aaa"}]' ;;
*/deployments/2/statuses) answer='[{"state": "inactive"}, {"state": "success"}]' ;;
*/deployments/1/statuses) answer='[{"state": "success"}]' ;;
*) answer='[{"state": "failure"}, {"state": "in_progress"}]' ;;
esac
printf '%s' "$answer" | jq -r "$4"
"""


@needs_jq
def test_the_previous_deployment_is_the_newest_good_one(tmp_path: Path) -> None:
    program(tmp_path, "gh", GH)
    done = run("previous_deployment.sh", "production", GITHUB_REPOSITORY="o/n", PATH=on_path(tmp_path))
    assert (done.returncode, done.stdout) == (0, "bbb\n"), done.stderr


@needs_jq
@pytest.mark.parametrize("answer", ["[]", '[{"id": 3, "sha": "ccc"}]'])
def test_without_a_good_one_it_says_so(answer: str, tmp_path: Path) -> None:
    program(tmp_path, "gh", GH.replace(GH.split("answer='")[1].split("'", maxsplit=1)[0], answer))
    done = run("previous_deployment.sh", "production", GITHUB_REPOSITORY="o/n", PATH=on_path(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "production" in done.stderr


def test_github_that_does_not_answer_is_no_answer(tmp_path: Path) -> None:
    program(tmp_path, "gh", "echo 'HTTP 502' >&2; exit 1")
    done = run("previous_deployment.sh", "production", GITHUB_REPOSITORY="o/n", PATH=on_path(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "HTTP 502" in done.stderr


def retrain(tmp_path: Path, code: int) -> tuple[subprocess.CompletedProcess[str], list[str], str]:
    """Run retrain.sh with a stand-in for hours of training that ends with a code."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "registry.json").write_text('{"aliases": {"champion": "v3", "challenger": "v4"}}')
    asked, output = tmp_path / "asked", tmp_path / "output"
    script = f'echo "$*" >>"{asked}"\ncase "$3" in retrain) exit {code} ;; esac'
    done = run(
        "retrain.sh",
        cwd=tmp_path,
        PYTHON=str(program(tmp_path / "bin", "python", script)),
        QUARTERS="2025-Q1 2025-Q2",
        GITHUB_OUTPUT=str(output),
    )
    return done, asked.read_text().splitlines(), output.read_text() if output.exists() else ""


@needs_jq
def test_a_better_version_is_compared_and_recorded(tmp_path: Path) -> None:
    done, asked, output = retrain(tmp_path, 0)
    assert done.returncode == 0, done.stderr
    assert asked == [
        "-m training download --quarter 2025-Q1 --output telemetry",
        "-m training download --quarter 2025-Q2 --output telemetry",
        "-m training retrain --data telemetry --no-tracking --exit-code --quiet",
        "-m training compare v3 v4 --force",
        "-m ops smoke --record",
    ]
    assert output == "decision=challenger\nversion=v4\nchampion=v3\n"


def test_a_champion_that_stays_proposes_nothing(tmp_path: Path) -> None:
    done, asked, output = retrain(tmp_path, EXIT_KEPT)
    assert (done.returncode, output) == (0, "decision=kept\n")
    assert asked[-1].startswith("-m training retrain")


def test_a_training_that_fails_fails(tmp_path: Path) -> None:
    done, _, output = retrain(tmp_path, 1)
    assert (done.returncode, output) == (1, "")


def git(folder: Path, *arguments: str) -> str:
    """Run git."""
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_pull_request_carries_version_card_and_decision(tmp_path: Path) -> None:
    origin, clone, said = tmp_path / "origin.git", tmp_path / "clone", tmp_path / "said"
    git(tmp_path, "init", "--bare", "--initial-branch=main", str(origin))
    git(tmp_path, "clone", str(origin), str(clone))
    (clone / "README.md").write_text("x")
    git(clone, "add", ".")
    git(clone, "commit", "--message", "First")
    git(clone, "push", "origin", "HEAD:main")
    (clone / "models" / "v4").mkdir(parents=True)
    (clone / "models" / "v4" / "card.md").write_text("# Model v4\n" + "x" * 70000)
    (clone / "models" / "v4" / "decision.json").write_text(json.dumps({"better": True}))
    (clone / "ops" / "smoke" / "recorded").mkdir(parents=True)
    (clone / "ops" / "smoke" / "recorded" / "v4.csv").write_text("a\n")
    (clone / "left-over").write_text("not part of it")
    # Stands in for GitHub: keeps the body, and what else it was asked.
    script = (
        f'echo "$*" >>"{said}"\n'
        f'while [ $# -gt 0 ]; do [ "$1" = --body-file ] && cp "$2" "{tmp_path}/body"; shift; done; true'
    )
    program(tmp_path / "bin", "gh", script)
    run_url = "https://github.com/o/n/actions/runs/1"
    done = run(
        "open_pull_request.sh",
        cwd=clone,
        PATH=on_path(tmp_path / "bin"),
        VERSION="v4",
        CHAMPION="v3",
        RUN_URL=run_url,
    )
    assert done.returncode == 0, done.stderr
    changed = git(origin, "diff", "--name-only", "main", "challenger/v4").split()
    assert changed == ["models/v4/card.md", "models/v4/decision.json", "ops/smoke/recorded/v4.csv"]
    body = (tmp_path / "body").read_text()
    assert '{"better": true}' in body
    assert "# Model v4" in body
    assert run_url in body
    assert len(body) < 65536
    assert said.read_text().splitlines()[-1] == "workflow run ci.yml --ref challenger/v4"


DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A clone of a project with two Dockerfiles, and stand-ins for Docker and GitHub."""
    origin, clone, said = tmp_path / "origin.git", tmp_path / "clone", tmp_path / "said"
    git(tmp_path, "init", "--bare", "--initial-branch=main", str(origin))
    git(tmp_path, "clone", str(origin), str(clone))
    for name in ("Dockerfile", "training/azureml/image/Dockerfile"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / name).read_text()
        (clone / name).write_text(re.sub(r"@sha256:[0-9a-f]{64}$", "", text, flags=re.MULTILINE))
    git(clone, "add", ".")
    git(clone, "commit", "--message", "First")
    git(clone, "push", "origin", "HEAD:main")
    program(tmp_path / "bin", "docker", f'echo "docker $*" >>"{said}"; cat "{tmp_path}/digest"')
    script = f'echo "$*" >>"{said}"; case "$*" in "pr list"*) cat "{tmp_path}/open" ;; esac'
    program(tmp_path / "bin", "gh", script)
    (tmp_path / "digest").write_text(f"{DIGEST}\n")
    (tmp_path / "open").write_text("0\n")
    return tmp_path


def pin(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script, in main as a run of the workflow finds it."""
    git(folder / "clone", "switch", "main")
    if "base-images" in git(folder / "clone", "branch"):
        git(folder / "clone", "branch", "-D", "base-images")
    url = "https://github.com/o/n/actions/runs/1"
    return run("pin_images.sh", cwd=folder / "clone", PATH=on_path(folder / "bin"), RUN_URL=url)


def test_base_images_are_pinned_in_a_pull_request(images: Path) -> None:
    done = pin(images)
    assert done.returncode == 0, done.stderr
    origin = images / "origin.git"
    assert "sha256:" not in git(origin, "show", "main:Dockerfile")
    for name, image in (
        ("Dockerfile", "mcr.microsoft.com/azure-functions/python:4-python3.13"),
        ("training/azureml/image/Dockerfile", "python:3.13-slim-bookworm"),
    ):
        assert f"\nFROM {image}@{DIGEST}\n" in git(origin, "show", f"base-images:{name}")
    said = (images / "said").read_text().splitlines()
    assert [line.split()[:2] for line in said] == [
        ["docker", "buildx"],
        ["docker", "buildx"],
        ["auth", "setup-git"],
        ["pr", "list"],
        ["pr", "create"],
        ["workflow", "run"],
    ]


def test_a_pull_request_that_is_open_is_brought_up_to_date(images: Path) -> None:
    assert pin(images).returncode == 0
    (images / "open").write_text("1\n")
    (images / "digest").write_text(DIGEST.replace("0", "f"))
    assert pin(images).returncode == 0
    assert DIGEST.replace("0", "f") in git(images / "origin.git", "show", "base-images:Dockerfile")
    assert (images / "said").read_text().count("pr create") == 1


def test_digests_that_are_those_of_the_tags_open_nothing(images: Path) -> None:
    assert pin(images).returncode == 0
    git(images / "clone", "switch", "main")
    git(images / "clone", "merge", "base-images")
    (images / "said").unlink()
    done = pin(images)
    assert (done.returncode, done.stdout) == (0, "the digests are those of the tags\n")
    assert "pr create" not in (images / "said").read_text()


@pytest.mark.parametrize("found", ["", "sha256:0123", "error"])
def test_what_is_no_digest_changes_nothing(images: Path, found: str) -> None:
    (images / "digest").write_text(found)
    done = pin(images)
    assert done.returncode == 1
    assert "digest" in done.stderr
    assert git(images / "clone", "diff", "--name-only") == ""


RUNNABLE = dict(run_scripts())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["workflows/ci lint Lint", "workflows/ci benchmarks Benchmark smoke"])
def test_a_run_script_for_real(name: str) -> None:
    if not Path(sys.executable).is_relative_to(ROOT):
        pytest.skip("the scripts use .venv, which is not what runs these tests")
    done = subprocess.run(
        [BASH, "-eo", "pipefail", "-c", RUNNABLE[name]],
        cwd=ROOT,
        # Set-up would change the environment that these tests run in.
        env={**os.environ, "MAKEFLAGS": "-o install"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
