import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nim_sandbox.cache import Cache

MAKER = """
import os, pathlib, sys, time
from nim_sandbox.cache import Cache
def fill(folder):
    (folder / "half").touch()
    with open(os.environ["MADE"], "a") as made:
        made.write("x")
    while not os.path.exists(os.environ["UNTIL"]):
        time.sleep(0.01)
    (folder / "tool").write_text("#!/bin/sh")
    (folder / "tool").chmod(0o755)
Cache(pathlib.Path(os.environ["CACHE"])).provide("tool", "1", fill, print)
"""

NAMES = {"cache": "cache", "made": "made", "until": "enough"}


def maker(tmp_path: Path) -> subprocess.Popen[str]:
    """Makes it until the file `enough` is there."""
    environ = {name.upper(): str(tmp_path / file) for name, file in NAMES.items()}
    return subprocess.Popen(
        [sys.executable, "-u", "-c", MAKER], env=os.environ | environ, text=True, stdout=subprocess.PIPE
    )


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert path.exists()


def test_two_makers_at_once_make_it_once_and_the_second_says_that_it_waits(tmp_path: Path) -> None:
    first = maker(tmp_path)
    wait_for(tmp_path / "made")
    second = maker(tmp_path)
    assert second.stdout is not None
    assert "waiting" in second.stdout.readline()
    (tmp_path / "enough").touch()
    for one in (first, second):
        one.communicate(timeout=20)
    assert (first.returncode, second.returncode) == (0, 0)
    assert (tmp_path / "made").read_text() == "x"


def test_a_maker_killed_half_way_leaves_nothing_that_looks_whole_and_the_next_makes_it(tmp_path: Path) -> None:
    killed = maker(tmp_path)
    wait_for(tmp_path / "made")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    cache = Cache(tmp_path / "cache")
    assert cache.find("tool", "1") is None
    (tmp_path / "enough").touch()
    following = maker(tmp_path)
    following.communicate(timeout=20)
    assert cache.find("tool", "1") == tmp_path / "cache" / "tool" / "1" / "tool"
    assert sorted(path.name for path in (tmp_path / "cache" / "tool" / "1").iterdir()) == ["half", "tool"]


def test_a_maker_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "tool").touch(mode=0o755)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        Cache(tmp_path).provide("tool", "1", fill, print)
    assert Cache(tmp_path).find("tool", "1") is None
    assert [path.name for path in (tmp_path / "tool").iterdir()] == ["1.lock"]


def test_the_cache_is_where_the_desktop_standard_says() -> None:
    assert Cache.of({"XDG_CACHE_HOME": "/c"}).root == Path("/c/nim-sandbox")
    assert Cache.of({}).root == Path.home() / ".cache" / "nim-sandbox"
