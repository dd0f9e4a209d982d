"""A root file system from Debian's packages, unpacked without installing anything: no root, no maintainer scripts."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from nim_sandbox.build import BuildFailed, run_with_progress

PROGRAMS = ("apt-get", "dpkg-deb", "tar")
MERGED = ("bin", "lib", "lib64", "sbin")
"""Folders that are links into /usr: packages of Debian 12 still carry files for both places."""
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/info", "./usr/share/lintian")
"""Nothing runs them."""
COMPILE = """\
import compileall, py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
compileall.compile_dir(
    sys.argv[1], quiet=2, workers=0, stripdir=sys.argv[1], prependdir="/", invalidation_mode=mode, maxlevels=50
)
"""


class NoDebian(BuildFailed):
    """Debian's packages cannot be unpacked here; says what is missing."""


def unpack(packages: Sequence[str], root: Path, work: Path, report: Callable[[str], None]) -> None:
    """Fills `root` with `packages` and all that they need. `work` holds apt's own files, nothing of this machine's.

    Versions are those of the machine's own Debian release today. Raises BuildFailed; NoDebian is one.
    """
    if absent := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise NoDebian(f"images are made of Debian's packages, and {', '.join(absent)} is not on PATH: use Debian")
    for folder in MERGED:
        (root / "usr" / folder).mkdir(parents=True, exist_ok=True)
        (root / folder).symlink_to(f"usr/{folder}")
    archives = _download(packages, work, report)
    report(f"unpacking {len(archives)} packages of Debian")
    for archive in archives:
        _extract(archive, root)


def _download(packages: Sequence[str], work: Path, report: Callable[[str], None]) -> list[Path]:
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    nothing_installed = work / "status"
    nothing_installed.touch()
    options = [
        f"Dir::State={work}/state",
        f"Dir::State::status={nothing_installed}",
        f"Dir::Cache={work}/cache",
        "Debug::NoLocking=1",
        "APT::Sandbox::User=root",  # apt's own user may not be let into a home folder
    ]
    apt = ["apt-get", "-q", "-y", *(word for option in options for word in ("-o", option))]
    report(f"asking Debian for {', '.join(packages)}")
    run_with_progress([*apt, "update"], {}, work, "apt-get update", report)
    wanted = [*apt, "--no-install-recommends", "--download-only", "install", *packages]
    run_with_progress(wanted, {}, work, "apt-get install", report)
    return sorted((work / "cache/archives").glob("*.deb"))


def _extract(archive: Path, root: Path) -> None:
    left_out = [f"--exclude={path}" for path in LEFT_OUT]
    words = ["tar", "--extract", "--keep-directory-symlink", "--no-same-owner", *left_out, "--directory", str(root)]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as opened:
        unpacked = subprocess.run(words, stdin=opened.stdout, stderr=subprocess.PIPE, text=True, check=False)
    if opened.returncode:
        raise NoDebian(f"dpkg-deb cannot open {archive.name}")
    if unpacked.returncode:
        raise BuildFailed(f"{archive.name} cannot be unpacked into {root}: {unpacked.stderr.strip()}")


def python_of(root: Path) -> list[str]:
    """Words that run the Python of a root file system from outside of it, without a chroot and so without root."""
    loader = next(iter(sorted((root / "usr/lib64").glob("ld-linux-*.so.*"))), None)
    python = next(iter(sorted((root / "usr/bin").glob("python3.[0-9]*"))), None)
    if loader is None or python is None:
        raise NoDebian(f"{root} has no Python")
    libraries = [str(path) for path in sorted((root / "usr/lib").glob("*-linux-gnu"))]
    inside = loader.readlink() if loader.is_symlink() else loader
    if inside.is_absolute():
        inside = root / inside.relative_to("/")
    return [str(inside), "--library-path", ":".join(libraries), str(python)]


def python_version(root: Path) -> str:
    """`3.11`."""
    return python_of(root)[-1].rpartition("python")[2]


def compile_all(root: Path, tree: Path, work: Path, report: Callable[[str], None]) -> None:
    """Byte code beside every module of `tree`, by the Python of `root`, valid whatever the times of the files are.

    Without it every start of a Python program with a root file system that cannot be written compiles everything.
    """
    # Packages carry files for other versions of Python too, which do not compile: nobody imports them here.
    argv = [*python_of(root), "-c", COMPILE, str(tree)]
    # A hash seed of its own would give sets of constants another order each time.
    environ = {"PYTHONHOME": str(root / "usr"), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}
    run_with_progress(argv, environ, work, "byte code", report)
