import ctypes
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nim_sandbox.images.elf import empty_library, without_sections

MACHINE = platform.machine()
LAZILY = """\
import ctypes, os, sys
handle = ctypes._dlopen(sys.argv[1], os.RTLD_LAZY)
print(ctypes.CDLL(None, handle=handle).one())
"""
LOADED = """\
import importlib.util, sys
spec = importlib.util.spec_from_file_location("_hashlib", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.openssl_sha256(b"").hexdigest()[:8])
"""


def test_an_empty_library_loads_under_its_name_and_has_no_function(tmp_path: Path) -> None:
    path = tmp_path / "libnothing.so.1"
    path.write_bytes(empty_library(path.name, MACHINE))
    with pytest.raises(AttributeError, match="undefined symbol: nothing"):
        ctypes.CDLL(str(path)).nothing()
    assert len(path.read_bytes()) < 1000


def test_what_is_linked_against_a_library_loads_with_an_empty_one(tmp_path: Path) -> None:
    """The loader refuses a library that lacks the version which was linked against: the empty one has it."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not on PATH, and only it can make a library that is linked against another")
    name = "libanswer.so.1"
    (tmp_path / "answer.c").write_text("int answer(void) { return 42; }\n")
    (tmp_path / "versions").write_text(f"{name} {{ global: answer; }};\n")
    (tmp_path / "ask.c").write_text(
        "int answer(void);\nint one(void) { return 1; }\nint ask(void) { return answer(); }\n"
    )
    shared: list[str | Path] = [compiler, "-shared", "-fPIC", "-Wl,-z,lazy"]
    versioned = [f"-Wl,-soname,{name}", f"-Wl,--version-script={tmp_path}/versions"]
    subprocess.run([*shared, *versioned, "-o", tmp_path / name, tmp_path / "answer.c"], check=True)
    linked: list[str | Path] = ["-o", tmp_path / "libask.so", tmp_path / "ask.c", tmp_path / name]
    subprocess.run([*shared, f"-Wl,-rpath,{tmp_path}", *linked], check=True)
    (tmp_path / name).write_bytes(empty_library(name, MACHINE))
    done = subprocess.run(
        [sys.executable, "-c", LAZILY, tmp_path / "libask.so"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_library_without_its_sections_is_shorter_and_does_the_same(tmp_path: Path) -> None:
    import _hashlib  # noqa: PLC0415 - the file of any extension would do

    library = Path(_hashlib.__file__).read_bytes()
    cut = tmp_path / Path(_hashlib.__file__).name
    cut.write_bytes(without_sections(library))
    assert cut.stat().st_size < len(library)
    done = subprocess.run([sys.executable, "-c", LOADED, cut], capture_output=True, text=True, check=True)
    assert done.stdout == "e3b0c442\n"


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x01 of 32 bits"])
def test_what_is_no_library_comes_back_as_it_is(content: bytes) -> None:
    assert without_sections(content) == content
