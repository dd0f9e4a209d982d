import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nim_launcher.refusal import ExitCode
from nim_launcher.zip_application import CONFIG_MAP_LIMIT_BYTES, build
from nim_sandbox.images.tiny_llama import write_model, write_tiny_manifest

STATED_KIB = 555
"""As docs/launcher.md says."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zip") / "nim-launcher.zip"
    path.write_bytes(build())
    return path


def run(program: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Without this project on the path: what the zip application lacks is missing."""
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environ}
    code = (
        "import sys, runpy\n"
        "sys.path = [path for path in sys.path if not path.endswith(('/launcher', '/profiles'))]\n"
        "try:\n    import nim_profiles\n"
        "except ModuleNotFoundError:\n    pass\n"
        "else:\n    sys.exit('this project is still on the path')\n"
        f"sys.argv = {[str(program), *words]!r}\n"
        f"runpy.run_path({str(program)!r}, run_name='__main__')\n"
    )
    command = [sys.executable, "-I", "-W", "error", "-c", code]
    return subprocess.run(command, env=clean, capture_output=True, text=True, check=False)


def test_the_same_source_gives_the_same_bytes_in_every_process(program: Path) -> None:
    code = "import sys; from nim_launcher.zip_application import build; sys.stdout.buffer.write(build())"
    environ = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    other = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True).stdout
    assert other == program.read_bytes()


def test_nothing_in_it_depends_on_clock_or_compressor(program: Path) -> None:
    entries = zipfile.ZipFile(program).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_it_fits_a_config_map_with_room_to_spare() -> None:
    size = len(build())
    assert size < CONFIG_MAP_LIMIT_BYTES * 0.75
    assert abs(size / 1024 - STATED_KIB) < 26


def test_it_holds_no_more_than_it_needs() -> None:
    names = zipfile.ZipFile(io.BytesIO(build())).namelist()
    assert "nim_profiles/vllm_args/spelling.py" in names
    unwanted = ("nim_profiles/lock.py", "nim_profiles/memory/", "nim_launcher/zip_application.py", "nim_profiles/cli")
    assert not [name for name in names if name.startswith(unwanted)]


def test_it_runs_on_its_own(program: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "mirror")
    pinned, _ = write_tiny_manifest(program.parent / "model_manifest.yaml", tmp_path / "mirror")
    environ = {"NIM_MODEL_PROFILE": pinned.id, "NIM_CACHE_PATH": str(tmp_path / "cache")}
    fetched = run(program, "download-to-cache", "--source", str(tmp_path / "mirror"), **environ)
    assert fetched.returncode == 0, fetched.stderr
    told = run(program, "metadata", **environ)
    assert (told.returncode, pinned.id in told.stdout) == (0, True), told.stderr
    listed = run(program, "list-model-profiles", **environ)
    assert (listed.returncode, pinned.id in listed.stdout) == (0, True), listed.stderr


def test_an_image_with_an_older_python_is_refused(program: Path) -> None:
    main = zipfile.ZipFile(program).read("__main__.py").decode()
    code = f"import sys; sys.version_info = (3, 10, 0); exec({main!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "older than 3.11" in done.stderr) == (ExitCode.ENGINE, True)


def test_it_refuses_where_there_is_no_vllm(program: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "mirror")
    pinned, _ = write_tiny_manifest(program.parent / "model_manifest.yaml", tmp_path / "mirror")
    started = run(program, "start", NIM_MODEL_PROFILE=pinned.id)
    assert (started.returncode, "has no vLLM" in started.stderr) == (74, True), started.stderr
