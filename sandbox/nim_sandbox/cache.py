"""Where provided programs live: `<cache>/<program>/<version>/<program>`, all of it there or none of it."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO


class CacheInUse(RuntimeError):
    """Somebody makes something in the cache just now, or reads from it."""


@dataclass(frozen=True, slots=True)
class Cache:
    root: Path

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> "Cache":
        """`${XDG_CACHE_HOME:-~/.cache}/nim-sandbox`."""
        base = environ.get("XDG_CACHE_HOME")
        return cls((Path(base) if base else Path.home() / ".cache") / "nim-sandbox")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Nothing is removed from it meanwhile; waits for whoever removes something."""
        with self._lock() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody makes anything in it meanwhile. Raises CacheInUse."""
        with self._lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CacheInUse(f"{self.root}: somebody makes or reads something there; try again later") from None
            yield

    def _lock(self) -> IO[str]:
        self.root.mkdir(parents=True, exist_ok=True)
        return (self.root / "lock").open("w")

    def folder(self, program: str, version: str) -> Path:
        return self.root / program / version

    def find(self, program: str, version: str) -> Path | None:
        path = self.folder(program, version) / program
        return path if os.access(path, os.X_OK) else None

    def provide(self, program: str, version: str, fill: Callable[[Path], None], report: Callable[[str], None]) -> Path:
        """The program, made by `fill` in a folder aside and renamed if it is not there yet.

        Safe against a second maker (one waits for the other) and against a kill at any moment (only the folder aside
        is ever half full, and the next maker empties it).
        """
        if (found := self.find(program, version)) is not None:
            return found
        parent = self.root / program
        parent.mkdir(parents=True, exist_ok=True)
        with self.in_use(), (parent / f"{version}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                report(f"{program}: somebody else is at it just now; waiting for them")
                fcntl.flock(lock, fcntl.LOCK_EX)
            if (found := self.find(program, version)) is not None:
                return found
            aside = parent / f"{version}.new"
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            try:
                fill(aside)
            except BaseException:
                shutil.rmtree(aside, ignore_errors=True)
                raise
            shutil.rmtree(self.folder(program, version), ignore_errors=True)
            aside.rename(self.folder(program, version))
        return self.folder(program, version) / program
