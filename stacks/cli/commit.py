"""Files of a commit, as data: nothing of it is run."""

import io
import re
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from stacks.stack_file import FOLDER

DATA = (".yaml", ".yml", ".json")
"""What a plan reads: stack files, the lock file, manifests and shapes."""
STACK_FILE = re.compile(r"Pulumi\.([A-Za-z0-9][A-Za-z0-9_-]*)\.yaml")
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "launcher", "policy", "profiles", "stacks/*.py", "uv.lock")
"""Paths, for git, whose change makes another program."""

FATAL = "fatal: "


def _git(root: Path, *words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=root, check=False, capture_output=True)
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        # What follows the first such line is advice about remotes that may have nothing to do with it.
        why = next((line for line in told if line.startswith(FATAL)), told[-1] if told else "failed")
        raise click.ClickException(f"git {words[0]}: {why.removeprefix(FATAL)}")
    return done.stdout


def commit_of(root: Path, ref: str) -> str:
    """Its id. A commit that is not here is fetched, as that of a fork's pull request must be."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    try:
        return _git(root, *words).decode().strip()
    except click.ClickException:
        try:
            _git(root, "fetch", "--quiet", "--no-tags", "origin", "--end-of-options", ref)
        except click.ClickException as error:
            raise click.ClickException(f"found no commit {ref} here, and origin gives none: {error.message}") from None
        return _git(root, "rev-parse", "FETCH_HEAD").decode().strip()


def fork_point(root: Path, base: str, head: str | None) -> str:
    """Where `head`, or what is checked out, left `base`: what came to `base` since is no part of the change."""
    return _git(root, "merge-base", commit_of(root, base), commit_of(root, head or "HEAD")).decode().strip()


def label(root: Path, ref: str, commit: str) -> str:
    """`main (1a2b3c4)`."""
    short = _git(root, "rev-parse", "--short", commit).decode().strip()
    return short if ref.startswith(short) else f"{ref} ({short})"


@contextmanager
def files_of(root: Path, commit: str) -> Iterator[Path]:
    """A folder with the data files of a commit, for as long as it is needed. Links are left out: they lead anywhere."""
    archive = _git(root, "archive", "--format=tar", commit, "--", FOLDER)
    with TemporaryDirectory(prefix="nim-preview-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            data = [member for member in tar.getmembers() if member.isfile() and member.name.endswith(DATA)]
            tar.extractall(folder, members=data, filter="data")
        yield Path(folder)


def program_differs(root: Path, base: str, head: str | None) -> bool:
    """Whether `head`, or what lies here, has another program than `base`: this preview runs only the one here."""
    return bool(_changed(root, base, head, PROGRAM))


def changed_stacks(root: Path, base: str, head: str | None) -> tuple[str, ...]:
    """Those whose file differs or is new; all of them where the lock file or a manifest does."""
    paths = _changed(root, base, head, (FOLDER,))
    files = [path.removeprefix(f"{FOLDER}/") for path in paths if path.endswith(DATA)]
    if any(not STACK_FILE.fullmatch(file) for file in files):
        there = _git(root, "ls-tree", "--name-only", head or "HEAD", f"{FOLDER}/").decode().splitlines()
        files = [path.removeprefix(f"{FOLDER}/") for path in there]
    return tuple(sorted(found[1] for file in files if (found := STACK_FILE.fullmatch(file))))


def _changed(root: Path, base: str, head: str | None, paths: Sequence[str]) -> list[str]:
    """Paths that differ, those that are gone left out."""
    ends = [base] if head is None else [base, head]
    return _git(root, "diff", "--name-only", "--diff-filter=d", *ends, "--", *paths).decode().splitlines()
