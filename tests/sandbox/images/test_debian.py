import subprocess
from pathlib import Path

import pytest

from nim_sandbox.build import BuildFailed
from nim_sandbox.images.debian import NoDebian, compile_all, python_of, unpack


def test_a_machine_without_debians_programs_says_which_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoDebian) as refused:
        unpack(["python3"], tmp_path / "root", tmp_path / "work", print)
    assert str(refused.value) == (
        "images are made of Debian's packages, and apt-get, dpkg-deb, tar is not on PATH: use Debian"
    )


def test_python_is_run_by_the_loader_and_with_the_libraries_of_its_own_root(tmp_path: Path) -> None:
    for folder in ("usr/bin", "usr/lib64", "usr/lib/x86_64-linux-gnu"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/bin/python3.11").touch()
    (tmp_path / "usr/lib64/ld-linux-x86-64.so.2").symlink_to("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
    assert python_of(tmp_path) == [
        f"{tmp_path}/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        "--library-path",
        f"{tmp_path}/usr/lib/x86_64-linux-gnu",
        f"{tmp_path}/usr/bin/python3.11",
    ]


def test_a_root_without_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoDebian, match="has no Python"):
        compile_all(tmp_path, tmp_path, tmp_path, print)


@pytest.mark.parametrize(
    ("opened", "why"),
    [
        ("tar -c -T /dev/null; exit 2", r"dpkg-deb cannot open a\.deb"),
        ("echo nonsense", r"a\.deb cannot be unpacked into .*/root: tar: .*not look like a tar"),
    ],
)
def test_an_archive_that_is_none_ends_the_build(
    opened: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With stand-ins for apt-get and dpkg-deb: the one leaves a broken archive, the other opens it as best it can."""
    programs = tmp_path / "bin"
    programs.mkdir()
    tar = subprocess.run(["which", "tar"], capture_output=True, text=True, check=True).stdout.strip()
    (programs / "tar").symlink_to(tar)
    scripts = {"apt-get": f"touch {tmp_path}/work/cache/archives/a.deb", "dpkg-deb": opened}
    for name, script in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}", prepend=":")
    (tmp_path / "work").mkdir()
    with pytest.raises(BuildFailed, match=why):
        unpack(["python3"], tmp_path / "root", tmp_path / "work", lambda _: None)
