"""Checksums as manifests write them: `blake3:<hex>`, `sha256:<hex>`."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Checksum:
    algorithm: str
    digest: str
    """Lower-case hex."""

    @classmethod
    def parse(cls, text: str | None) -> "Checksum | None":
        algorithm, colon, digest = (text or "").partition(":")
        return cls(algorithm.lower(), digest.strip().lower()) if colon else None

    def hasher(self) -> Callable[[], Any] | None:  # Any: a hash object
        """None where this Python cannot compute it: blake3 is no part of the standard library."""
        if self.algorithm == "blake3":
            try:
                from blake3 import blake3  # noqa: PLC0415 - not every image has it
            except ModuleNotFoundError:
                return None
            return blake3
        if self.algorithm in hashlib.algorithms_guaranteed and "shake" not in self.algorithm:
            return lambda: hashlib.new(self.algorithm, usedforsecurity=False)
        return None


def digest_of(path: Path, hasher: Callable[[], Any]) -> str:  # Any: as above
    made = hasher()
    with path.open("rb") as file:
        for block in blocks(file):
            made.update(block)
    return str(made.hexdigest())


def blocks(file: Any) -> Iterable[bytes]:  # Any: a file or a response, both of which have read1()
    """As they come: of a slow source little is lost when the reader is killed."""
    while block := file.read1(BLOCK_BYTES):
        yield block
