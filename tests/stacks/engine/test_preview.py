"""A preview with nothing: no kubeconfig, no cloud, no secret, no state, and no network but loopback."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stacks.cli.previews import COMMENT, MARKER
from stacks.selected import ROOT
from tests.stacks.engine.conftest import Project, Result
from tests.stacks.test_shipped import SHIPPED

pytestmark = pytest.mark.engine
ALONE = ("unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""A network of its own, with nothing in it but loopback."""
SAMPLE = ROOT / "tests/data/pull_request"
DOCS = ROOT / "docs/preview"


def alone(project: Project, *words: str) -> Result:
    home = project.root / "home"
    home.mkdir(exist_ok=True)
    return project.run(*ALONE, "env", f"HOME={home}", "python", "-m", "stacks", *words)


@pytest.mark.parametrize("stack", SHIPPED)
def test_a_shipped_stack_is_previewed_with_nothing(checkout: Project, stack: str) -> None:
    before = (checkout.root / f"stacks/Pulumi.{stack}.yaml").read_bytes()
    found = alone(checkout, "preview", stack, "--report", "out")
    assert found.code == 0, found.output
    report = json.loads((checkout.root / f"out/{stack}.json").read_text(encoding="utf-8"))
    assert report["ok"]
    assert {one["state"] for one in report["endpoints"]} == {"new"}
    assert {one["operation"] for one in report["changes"]} == {"create"}
    assert "no such stack is deployed" in report["compared_with"]
    assert (checkout.root / f"stacks/Pulumi.{stack}.yaml").read_bytes() == before
    assert not (checkout.root / ".sandbox" / stack).exists()
    assert [*(checkout.root / "home").iterdir()] == []


def test_a_file_that_is_wrong_is_a_report_with_every_fault(checkout: Project) -> None:
    file = checkout.root / "stacks/Pulumi.wrong.yaml"
    text = (checkout.root / "stacks/Pulumi.dev.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("pool: l40s", "pool: l4\n      replica: 2"), encoding="utf-8")
    try:
        found = alone(checkout, "preview", "wrong", "--report", "out")
    finally:
        file.unlink()
    assert found.code == 2
    comment = (checkout.root / "out/wrong.md").read_text(encoding="utf-8")
    assert "refused, 2 faults" in comment
    assert "nim:endpoints.llama-8b.pool: found 'l4'; pools here: l40s" in comment
    assert "nim:endpoints.llama-8b.replica: is not a key here, nearest: replicas" in comment


def test_the_documented_comments_are_what_the_sample_pull_request_gets(
    checkout: Project, pytestconfig: pytest.Config
) -> None:
    """`--snapshot-update` writes them anew."""
    first, second = commits(checkout)
    assert alone(checkout, "previews", "--base", "main", "--head", first, "--report", "first").code == 2
    found = alone(checkout, "previews", "--base", "main", "--head", second, "--report", "second")
    assert found.code == 0, found.output
    for folder, name in (("first", "too-large"), ("second", "repaired")):
        comment = (checkout.root / folder / COMMENT).read_text(encoding="utf-8")
        assert comment.startswith(f"{MARKER}\n### ")
        now = {
            f"{name}.md": re.sub(r"main \([0-9a-f]+\)", "main (1a2b3c4)", comment),
            f"{name}.svg": (checkout.root / folder / "team.svg").read_text(encoding="utf-8"),
        }
        for file, text in now.items():
            if pytestconfig.getoption("update_snapshots"):
                (DOCS / file).write_text(text, encoding="utf-8")
            assert (DOCS / file).read_text(encoding="utf-8") == text, file


def test_without_another_stack_file_the_comment_says_so(checkout: Project) -> None:
    commits(checkout)
    assert alone(checkout, "previews", "--base", "main", "--head", "main", "--report", "none").code == 0
    assert (checkout.root / "none" / COMMENT).read_text(encoding="utf-8") == f"{MARKER}\nNo stack changes.\n"


def commits(checkout: Project) -> tuple[str, str]:
    """The sample pull request in a repository of the checkout's own: what it wants first, and once it is repaired.

    In it: a profile changed, an endpoint added, another one on GPUs that are too small for it.
    """
    git(checkout.root, "init", "--quiet", "--initial-branch", "main")
    (checkout.root / ".gitignore").write_text("*\n!stacks/\n!stacks/*.yaml\n!stacks/manifests/*\n", encoding="utf-8")
    made = []
    for branch, name in (("main", "base"), ("change", "head"), ("change", "fixed")):
        git(checkout.root, "checkout", "--quiet", "-B", branch)
        shutil.copy(SAMPLE / f"{name}.yaml", checkout.root / "stacks/Pulumi.team.yaml")
        git(checkout.root, "add", "--all")
        git(checkout.root, "commit", "--quiet", "--allow-empty", "--message", name)
        made.append(git(checkout.root, "rev-parse", "HEAD"))
    (checkout.root / "stacks/Pulumi.team.yaml").unlink()
    return made[1], made[2]


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=sample", "-c", "user.email=sample@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()
