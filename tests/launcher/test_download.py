import dataclasses
import hashlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from blake3 import blake3

from nim_launcher.download import Wanted, download
from nim_launcher.refusal import ExitCode, Refused
from nim_launcher.workspace import missing, workspace_folder
from nim_profiles.manifest import Manifest, write_manifest
from nim_profiles.profile import Artifact, Profile
from tests.launcher.mirror import BLOCK_BYTES, mirror
from tests.launcher.samples import profile

SIZES = {"config.json": 200, "model-1.safetensors": 60_000, "model-2.safetensors": 40_001, "original/empty": 0}
QUICK = Wanted(pause_seconds=0)


def quiet(_: str) -> None:
    """Downloads say what they do; tests look at what they did."""


def write_files(folder: Path) -> None:
    source = random.Random(1)  # noqa: S311 - contents, no secrets
    for name, size in SIZES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(source.randbytes(size))


def of_files(folder: Path, algorithm: str | None = "sha256", *, sized: bool = True) -> Profile:
    """A profile of the files in `folder`."""

    def digest(raw: bytes) -> str:
        return str(blake3(raw).hexdigest() if algorithm == "blake3" else hashlib.new(algorithm or "", raw).hexdigest())

    artifacts = tuple(
        Artifact(
            name,
            f"ngc://nim/team/model:1?file={name}",
            f"{algorithm}:{digest((folder / name).read_bytes())}" if algorithm else None,
            size if sized else None,
        )
        for name, size in SIZES.items()
    )
    plain = profile()
    return Profile(plain.id, plain.name, plain.tags, artifacts=artifacts)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    write_files(folder)
    return folder


def refusal(of: Profile, cache: Path, wanted: Wanted) -> tuple[ExitCode, str]:
    with pytest.raises(Refused) as refused:
        download(of, cache, wanted, {}, quiet)
    return refused.value.code, str(refused.value)


def assert_whole(cache: Path, of: Profile, files: Path) -> None:
    folder = workspace_folder(cache, of)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {*SIZES, ".lock"}
    for name in SIZES:
        assert (folder / name).read_bytes() == (files / name).read_bytes()
    assert missing(folder, of) == ()


@pytest.mark.parametrize("algorithm", ["sha256", "blake3", None])
def test_a_folder_is_copied_whole(files: Path, tmp_path: Path, algorithm: str | None) -> None:
    of = of_files(files, algorithm)
    result = download(of, tmp_path / "cache", Wanted(base=str(files)), {}, quiet)
    assert_whole(tmp_path / "cache", of, files)
    assert (result.downloaded, result.kept, result.bytes) == (4, 0, sum(SIZES.values()))
    assert result.unverified == (4 if algorithm is None else 0)


def test_what_is_there_is_kept(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    with mirror(files) as web:
        download(of, tmp_path / "cache", Wanted(base=web.url), {}, quiet)
        asked = len(web.requests)
        result = download(of, tmp_path / "cache", Wanted(base=web.url), {}, quiet)
    assert (result.downloaded, result.kept, len(web.requests)) == (0, 4, asked)


def test_a_file_that_was_spoilt_is_found_when_asked_to_verify(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    download(of, tmp_path / "cache", Wanted(base=str(files)), {}, quiet)
    spoilt = workspace_folder(tmp_path / "cache", of) / "config.json"
    spoilt.write_bytes(b"x" * SIZES["config.json"])
    assert download(of, tmp_path / "cache", Wanted(base=str(files)), {}, quiet).kept == 4
    assert download(of, tmp_path / "cache", Wanted(base=str(files), verify=True), {}, quiet).downloaded == 1
    assert_whole(tmp_path / "cache", of, files)


def test_a_connection_that_breaks_is_taken_up_where_it_broke(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    broken = itertools.count()

    def break_once(sent: int) -> None:
        if sent > 30_000 and next(broken) == 0:
            raise ConnectionError

    with mirror(files, break_once) as web:
        result = download(of, tmp_path / "cache", Wanted(base=web.url, pause_seconds=0), {}, quiet)
    assert_whole(tmp_path / "cache", of, files)
    assert [asked for path, asked, _ in web.requests if asked] != []
    assert result.bytes == sum(SIZES.values())


def test_what_has_come_lies_in_the_file_before_the_rest_comes(files: Path, tmp_path: Path) -> None:
    """A kill loses nothing of it."""
    there: list[int] = []

    def look(sent: int) -> None:
        if sent == BLOCK_BYTES * 9 and not there:
            deadline = time.monotonic() + 10
            while (size := _begun(tmp_path)) < BLOCK_BYTES * 6 and time.monotonic() < deadline:
                time.sleep(0.01)
            there.append(size)

    only = of_files(files)
    large = dataclasses.replace(only, artifacts=tuple(one for one in only.artifacts if "model-1" in one.path))
    with mirror(files, look) as source:
        download(large, tmp_path / "cache", dataclasses.replace(QUICK, base=source.url), {}, quiet)
    assert BLOCK_BYTES * 6 <= there[0] <= BLOCK_BYTES * 9


def _begun(cache: Path) -> int:
    return sum(path.stat().st_size for path in cache.rglob(".partial/*"))


def test_a_mirror_without_ranges_is_asked_from_the_start(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    broken = itertools.count()

    def break_once(sent: int) -> None:
        if sent > 30_000 and next(broken) == 0:
            raise ConnectionError

    with mirror(files, break_once, ranges=False) as web:
        download(of, tmp_path / "cache", Wanted(base=web.url, pause_seconds=0), {}, quiet)
    assert_whole(tmp_path / "cache", of, files)


def test_without_a_checksum_nothing_is_resumed(files: Path, tmp_path: Path) -> None:
    of = of_files(files, None, sized=False)
    broken = itertools.count()

    def break_once(sent: int) -> None:
        if sent > 30_000 and next(broken) == 0:
            raise ConnectionError

    with mirror(files, break_once) as web:
        download(of, tmp_path / "cache", Wanted(base=web.url, pause_seconds=0), {}, quiet)
    assert_whole(tmp_path / "cache", of, files)
    assert not any(asked for _, asked, _ in web.requests)


def test_a_wrong_checksum_never_gets_the_name(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    (files / "config.json").write_bytes(b"y" * SIZES["config.json"])
    code, text = refusal(of, tmp_path / "cache", Wanted(base=str(files)))
    assert code is ExitCode.CHECKSUM
    assert "has sha256" in text
    assert "config.json" in missing(workspace_folder(tmp_path / "cache", of), of)


def test_a_wrong_size_never_gets_the_name(files: Path, tmp_path: Path) -> None:
    of = of_files(files, None)
    (files / "config.json").write_bytes(b"short")
    code, text = refusal(of, tmp_path / "cache", Wanted(base=str(files)))
    assert (code, "has 5 bytes, the manifest says 200" in text) == (ExitCode.CHECKSUM, True)


def test_leftovers_of_another_version_are_found_out_and_fetched_anew(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    cache = tmp_path / "cache"
    from nim_launcher.download import _partial  # noqa: PLC0415 - where a killed run leaves its half

    half = _partial(workspace_folder(cache, of), of.artifacts[1])
    half.parent.mkdir(parents=True)
    half.write_bytes(b"z" * 1000)
    with mirror(files) as web:
        download(of, cache, Wanted(base=web.url, pause_seconds=0), {}, quiet)
    assert_whole(cache, of, files)


def test_a_missing_file_is_named_with_its_address(files: Path, tmp_path: Path) -> None:
    of = of_files(files)
    (files / "config.json").unlink()
    with mirror(files) as web:
        code, text = refusal(of, tmp_path / "cache", Wanted(base=web.url, pause_seconds=0))
    assert code is ExitCode.DOWNLOAD
    assert f"{web.url}/config.json cannot be downloaded (HTTPError: HTTP Error 404" in text
    assert refusal(of, tmp_path / "cache", Wanted(base=str(files)))[0] is ExitCode.DOWNLOAD


def test_a_mirror_that_is_away_is_refused_after_some_attempts(files: Path, tmp_path: Path) -> None:
    code, text = refusal(of_files(files), tmp_path / "c", Wanted(base="http://127.0.0.1:9", pause_seconds=0))
    assert (code, "Connection refused" in text) == (ExitCode.DOWNLOAD, True)


def test_checksums_that_cannot_be_computed_are_refused_or_waived(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = of_files(files, "blake3")
    monkeypatch.setitem(sys.modules, "blake3", None)
    code, text = refusal(of, tmp_path / "cache", Wanted(base=str(files)))
    assert (code, "cannot compute blake3 checksums" in text) == (ExitCode.CHECKSUM, True)
    waived = Wanted(base=str(files), allow_unverified=True)
    assert download(of, tmp_path / "cache", waived, {}, quiet).unverified == 4


def test_ngc_is_refused_without_a_mirror(files: Path, tmp_path: Path) -> None:
    code, text = refusal(of_files(files), tmp_path / "cache", Wanted())
    assert (code, "Give --source or NIM_REPOSITORY_OVERRIDE" in text) == (ExitCode.DOWNLOAD, True)


@pytest.mark.parametrize("path", ["../escape", "/etc/passwd", "a/../../b"])
def test_a_path_that_leads_out_of_the_cache_is_refused(files: Path, tmp_path: Path, path: str) -> None:
    plain = profile()
    evil = Profile(plain.id, plain.name, plain.tags, artifacts=(Artifact(path, "file:///x"),))
    assert refusal(evil, tmp_path / "cache", Wanted(base=str(files)))[0] is ExitCode.MANIFEST


def test_a_cache_that_cannot_be_written_is_refused(files: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder belongs")
    assert refusal(of_files(files), tmp_path / "cache", Wanted(base=str(files)))[0] is ExitCode.DOWNLOAD


def test_a_volume_that_is_too_small_is_refused_before_anything_is_fetched(files: Path, tmp_path: Path) -> None:
    plain = profile()
    huge = Profile(plain.id, plain.name, plain.tags, artifacts=(Artifact("a", "file:///x", None, 10**18),))
    code, text = refusal(huge, tmp_path / "cache", Wanted(base=str(files)))
    assert (code, "free, the download needs" in text) == (ExitCode.DOWNLOAD, True)


@pytest.mark.parametrize("after_bytes", [0, 20_000, 61_000, 96_000])
def test_a_kill_at_any_point_leaves_only_whole_files_and_the_next_run_ends_it(
    files: Path, tmp_path: Path, after_bytes: int
) -> None:
    of, cache = of_files(files), tmp_path / "cache"
    manifest = tmp_path / "model_manifest.yaml"
    manifest.write_text(write_manifest(Manifest("2.1", "m", "1", (of,))))
    environ = {**os.environ, "NIM_LAUNCHER_MANIFEST": str(manifest), "NIM_CACHE_PATH": str(cache)}
    running: list[subprocess.Popen[bytes]] = []

    def kill(sent: int) -> None:
        if sent >= after_bytes and running[0].poll() is None:
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()

    with mirror(files, kill) as web:
        command = [sys.executable, "-m", "nim_launcher", "download-to-cache", "--all", "--source", web.url]
        running.append(subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL))
        assert running[0].wait(timeout=60) == -signal.SIGKILL
    for name, size in SIZES.items():
        path = workspace_folder(cache, of) / name
        assert not path.exists() or (path.stat().st_size, path.read_bytes()) == (size, (files / name).read_bytes())
    download(of, cache, Wanted(base=str(files)), {}, quiet)
    assert_whole(cache, of, files)
