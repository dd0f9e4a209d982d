"""Files of a commit: data alone, from where a branch left its base."""

import subprocess
from pathlib import Path

import click
import pytest

from stacks.cli.commit import changed_stacks, commit_of, files_of, fork_point, label, program_differs


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a change")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Branch `change` adds a replica in `dev` and a stack `new`; `main` has gone on."""
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"stacks/Pulumi.dev.yaml": "replicas: 1", "stacks/nim.lock.yaml": "v: 1", "stacks/deploy.py": "1"})
    git(tmp_path, "checkout", "--quiet", "-b", "change")
    write(tmp_path, {"stacks/Pulumi.dev.yaml": "replicas: 2", "stacks/Pulumi.new.yaml": "replicas: 1"})
    git(tmp_path, "checkout", "--quiet", "main")
    write(tmp_path, {"stacks/Pulumi.later.yaml": "replicas: 9"})
    git(tmp_path, "checkout", "--quiet", "change")
    return tmp_path


def test_only_data_is_taken_out_of_a_commit_and_no_link(root: Path) -> None:
    (root / "stacks/manifests").mkdir()
    (root / "stacks/manifests/secret.yaml").symlink_to("/etc/passwd")
    write(root, {"stacks/manifests/one.yaml": "m"})
    with files_of(root, commit_of(root, "HEAD")) as folder:
        found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        text = (folder / "stacks/Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert text == "replicas: 2"
    assert found == [
        "stacks/Pulumi.dev.yaml",
        "stacks/Pulumi.new.yaml",
        "stacks/manifests/one.yaml",
        "stacks/nim.lock.yaml",
    ]
    assert not folder.exists()


def test_what_came_to_the_base_since_is_no_part_of_the_change(root: Path) -> None:
    base = fork_point(root, "main", None)
    assert base == git(root, "rev-parse", "main~1")
    assert label(root, "main", base) == f"main ({base[:7]})"
    assert label(root, base, base) == base[:7]
    assert changed_stacks(root, base, None) == ("dev", "new")
    assert changed_stacks(root, base, "change") == ("dev", "new")


def test_another_lock_file_concerns_every_stack(root: Path) -> None:
    write(root, {"stacks/nim.lock.yaml": "v: 2", "stacks/Pulumi.-x.yaml": "", "stacks/Pulumi.idle.yaml": ""})
    assert changed_stacks(root, fork_point(root, "main", None), "HEAD") == ("dev", "idle", "new")


def test_a_stack_that_goes_is_not_previewed(root: Path) -> None:
    git(root, "rm", "--quiet", "stacks/Pulumi.dev.yaml")
    git(root, "commit", "--quiet", "--message", "gone")
    assert changed_stacks(root, fork_point(root, "main", None), "HEAD") == ("new",)


def test_a_change_of_the_program_is_seen(root: Path) -> None:
    base = fork_point(root, "main", None)
    assert not program_differs(root, base, "change")
    write(root, {"stacks/deploy.py": "2"})
    assert program_differs(root, base, "change")
    assert program_differs(root, base, None)


def test_a_commit_that_is_not_here_is_fetched(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--quiet", "--single-branch", "--branch", "main", f"file://{root}", ".")
    assert commit_of(clone, "refs/heads/change") == git(root, "rev-parse", "change")


def test_a_commit_that_is_nowhere_is_one_line(root: Path) -> None:
    with pytest.raises(click.ClickException) as refused:
        commit_of(root, "no-such-branch")
    told = "'origin' does not appear to be a git repository"
    assert refused.value.message == f"found no commit no-such-branch here, and origin gives none: git fetch: {told}"
    with pytest.raises(click.ClickException):
        commit_of(root, "--upload-pack=touch /tmp/x")
