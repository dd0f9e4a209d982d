"""The end of what the cache holds: what this checkout no longer names goes, where no running sandbox could use it."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from nim_sandbox.build import GO_WORK
from nim_sandbox.cache import Cache
from nim_sandbox.images import provide
from nim_sandbox.images.recipe import PREFIX
from nim_sandbox.node import programs
from nim_sandbox.versions import version_table


@dataclass(frozen=True, slots=True)
class Leftover:
    """A folder of the cache that nothing here would look for."""

    path: Path
    size_bytes: int


def programs_run(cache: Cache) -> bool:
    """Whether a process runs a program of the cache, as every sandbox does: it may start others of them at any time."""
    return any(one.is_relative_to(cache.root) for one in _executables())


def leftovers(cache: Cache, *, programs_too: bool) -> list[Leftover]:
    """Images of other content and what Go built with; `programs_too`: programs of other versions as well.

    Folders that are not made by name and version, such as the environments of the tests, are nobody's leftovers.
    """
    wanted = {recipe.name: recipe.key for recipe in provide.recipes()}
    wanted |= _program_versions() if programs_too else {}
    found = [
        version
        for folder in sorted(cache.root.glob("*/"))
        if folder.name in wanted or folder.name.startswith(PREFIX)
        for version in sorted(folder.glob("*/"))
        if version.name != wanted.get(folder.name)
    ]
    work = cache.root / GO_WORK
    return [Leftover(path, _size_bytes(path)) for path in (*found, *([work] if work.exists() else []))]


def remove(leftover: Leftover) -> None:
    """To be called with the cache to oneself."""
    shutil.rmtree(leftover.path)
    leftover.path.with_name(f"{leftover.path.name}.lock").unlink(missing_ok=True)


def _program_versions() -> Mapping[str, str]:
    """The version of each program that this checkout looks for, by name."""
    table = version_table()
    versions = {program.name: program.version for program in table.programs.values()}
    versions["go"] = table.go_version
    versions |= dict.fromkeys(programs.PACKAGES, programs.VERSION)
    for plugin in table.plugins.values():
        try:
            versions[plugin.name] = metadata.version(plugin.distribution)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _executables() -> Iterator[Path]:
    for link in Path("/proc").glob("[0-9]*/exe"):
        try:
            yield link.readlink()
        except OSError:
            continue  # it has ended, or is the kernel's own


def _size_bytes(folder: Path) -> int:
    """Of all files, as they are on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))
