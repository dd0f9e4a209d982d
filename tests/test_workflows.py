"""The workflows: no rights that they do not need, nothing that can be exchanged under them, and only `make` targets."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.selected import ROOT

FOLDER = ROOT / ".github/workflows"
WORKFLOWS = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))}
STEPS = [
    (file, job_name, step)
    for file, workflow in WORKFLOWS.items()
    for job_name, job in workflow["jobs"].items()
    for step in job["steps"]
]
GITLAB = yaml.safe_load(
    re.search(r"```yaml\n(.*?)```", (ROOT / "docs/pull-requests.md").read_text(encoding="utf-8"), re.DOTALL)[1]  # type: ignore[index]  # there is one, or this fails
)
RIGHTS = {
    ("preview.yml", "checks"): {"contents": "read"},
    ("preview.yml", "preview"): {"contents": "read"},
    ("preview-comment.yml", "comment"): {"actions": "read", "contents": "read", "pull-requests": "write"},
}


def triggers(workflow: dict[Any, Any]) -> dict[str, Any]:
    """YAML 1.1 reads the key `on` as true."""
    found: dict[str, Any] = workflow[True]
    return found


def test_every_job_has_just_the_rights_it_needs() -> None:
    assert all(workflow["permissions"] == {} for workflow in WORKFLOWS.values())
    found = {(file, name): job["permissions"] for file, one in WORKFLOWS.items() for name, job in one["jobs"].items()}
    assert found == RIGHTS


def test_what_a_fork_can_change_runs_without_secrets() -> None:
    assert [*triggers(WORKFLOWS["preview.yml"])] == ["pull_request"]
    text = (FOLDER / "preview.yml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "github.token" not in text
    assert [*triggers(WORKFLOWS["preview-comment.yml"])] == ["workflow_run"]


def test_the_preview_runs_the_bases_program() -> None:
    checkout = WORKFLOWS["preview.yml"]["jobs"]["preview"]["steps"][0]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    comment = WORKFLOWS["preview-comment.yml"]["jobs"]["comment"]["steps"][0]
    assert "ref" not in comment["with"], "a workflow_run is checked out at the default branch"


@pytest.mark.parametrize("step", [step for _, _, step in STEPS if "uses" in step], ids=lambda step: step["uses"])
def test_an_action_is_pinned_by_its_commit(step: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def commands() -> list[str]:
    gitlab = [line for job in ("checks", "preview") for line in GITLAB[job]["script"]]
    return [step["run"] for _, _, step in STEPS if "run" in step] + gitlab


def test_every_command_is_a_make_target_that_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    ours = [command for command in commands() if not command.startswith("git checkout ")]
    assert ours.count("make previews") == 2
    assert [command for command in ours if command.removeprefix("make ") not in targets] == []


def test_nothing_of_a_pull_request_gets_into_a_command_line() -> None:
    assert [command for command in commands() if "${{" in command] == []


@pytest.mark.parametrize(
    ("target", "values", "runs"),
    [
        (
            "previews",
            {"BASE": "main", "HEAD": "abc", "REPORT": "report"},
            "python -m stacks previews --base 'main' --head 'abc' --report 'report'",
        ),
        ("preview", {"STACK": "prod", "BASE": "main"}, "python -m stacks preview prod --base 'main'"),
        ("preview", {}, "python -m stacks preview local"),
        ("comment", {"REPORT": "report"}, "tools/comment.py 'report/comment.md'"),
        ("lock", {}, "nim-profiles lock --check"),
    ],
)
def test_a_target_takes_its_values_from_the_environment(target: str, values: dict[str, str], runs: str) -> None:
    words = ["make", "--dry-run", "--no-print-directory", target]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **values}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    last = [line.strip() for line in done.stdout.splitlines() if line.strip()][-1]
    assert last.endswith(runs)
