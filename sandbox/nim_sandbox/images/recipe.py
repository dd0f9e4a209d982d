"""How an image is made, and when it has to be made again."""

import hashlib
import inspect
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from nim_sandbox.cache import Cache
from nim_sandbox.images.layout import digest_of

Report = Callable[[str], None]
PREFIX = "image-"
"""Of the folders in the cache that hold images."""


def name_of(reference: str) -> str:
    """Of the folder in the cache, and of what is written beside it elsewhere."""
    repository, _, tag = reference.rpartition(":")
    return f"{PREFIX}{repository.partition('/')[2].replace('/', '-')}-{tag}"


def source_of(modules: Iterable[ModuleType]) -> bytes:
    return "".join(map(inspect.getsource, modules)).encode()


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image of the cache: built once for the content of its inputs.

    Debian's versions are no input. They move, and who has built an image keeps it; it says itself what is in it.
    """

    reference: str
    """`repository:tag`."""
    inputs: bytes
    """Everything that this project puts in."""
    build: Callable[[Path, Path, Report], None]
    """Makes its first argument, an image layout, with its second as a folder to work in. What it puts beside the
    layout stays."""

    @property
    def name(self) -> str:
        return name_of(self.reference)

    @property
    def key(self) -> str:
        """Changes with the inputs and with the code that builds."""
        return hashlib.sha256(self.inputs + inspect.getsource(self.build).encode()).hexdigest()[:16]

    def built(self, cache: Cache) -> Path | None:
        """The image layout, if the cache has it."""
        return cache.find(self.name, self.key)

    def layout(self, cache: Cache, report: Report) -> Path:
        """The image layout, which is built first where it is missing. Raises BuildFailed."""

        def fill(aside: Path) -> None:
            report(f"building {self.reference}")
            work = aside / "work"
            work.mkdir()
            self.build(aside / self.name, work, report)
            shutil.rmtree(work)

        return cache.provide(self.name, self.key, fill, report)


def cached_digests(cache: Cache) -> frozenset[str]:
    """Of every image in the cache, whichever checkout built it."""
    return frozenset(digest_of(index.parent) for index in cache.root.glob(f"{PREFIX}*/*/{PREFIX}*/index.json"))
