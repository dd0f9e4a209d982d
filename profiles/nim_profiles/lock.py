"""The lock file: what each pinned image offers, written down once and read at plan time instead of a container."""

import fcntl
import os
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError

from nim_profiles.locked_image import LockedImage, Part
from nim_profiles.strict_yaml import BadYaml, Mapping, Node, Sequence, read_yaml

VERSION = 1
"""Of the file's form. A reader refuses a newer one and lifts an older one by `MIGRATIONS`."""

MIGRATIONS: MappingType[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""By version: what turns a document of that version into one of the next. Empty while there is only one version."""

HEADER = """\
# What each pinned NIM image offers. Written by `nim-profiles lock`, checked by `nim-profiles lock --check`, read while
# planning. Images stand in the order of their references, profiles in that of their names.
"""

Reference = Annotated[str, Field(pattern=r"^[^@\s]+:[^@:/\s]+$")]
"""`repository:tag`, without a digest."""


class BadLock(ValueError):
    """A lock file that cannot be used. `faults` has one line for each thing that is wrong."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One writer of the lock file at a time: who reads, changes and writes it does so in here, or loses an update.

    The folder is what is held, for `write` replaces the file, and a file beside it would be litter.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


class UnlockedImage(LookupError):
    """An image that the lock file does not have, or has under another digest."""


class Lock(Part):
    """All locked images. A value: `with_image` gives another one, only `write` touches the disk."""

    version: Literal[1] = 1
    images: dict[Reference, LockedImage] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises BadLock with every fault of the file, a missing file included."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BadLock(
                (f"{path}: does not exist. Write it with `nim-profiles lock FILE --image REF --lock {path}`",)
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BadLock((f"{path}: cannot be read: {error}",)) from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, source: str) -> Self:
        """`source` names the text in faults."""
        try:
            document = _plain(read_yaml(text))
        except BadYaml as error:
            raise BadLock(tuple(f"{source}: line {line}: {why}" for line, why in error.faults)) from None
        if not isinstance(document, dict) or type(document.get("version")) is not int:
            raise BadLock((f"{source}: version is missing. A lock file begins with `version: {VERSION}`",))
        try:
            return cls.model_validate(migrated(document, MIGRATIONS, VERSION, source))
        except ValidationError as error:
            raise BadLock(tuple(_fault(source, fault) for fault in error.errors())) from None

    @property
    def text(self) -> str:
        """Canonical: equal locks give equal bytes, and an image's part does not depend on the others."""
        images = {ref: image.model_dump(by_alias=True, exclude_none=True) for ref, image in sorted(self.images.items())}
        document = {"version": self.version, "images": images}
        return HEADER + yaml.dump(
            document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=10**9
        )

    def write(self, path: Path) -> None:
        """All or nothing: a reader sees the old file or the new one, never a part."""
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as new:
            try:
                new.write(self.text)
                new.flush()
                os.fsync(new.fileno())
                mode = path.stat().st_mode if path.exists() else 0o644
                Path(new.name).chmod(mode & 0o777)
                Path(new.name).replace(path)
            except BaseException:
                Path(new.name).unlink(missing_ok=True)
                raise

    def image(self, reference: str) -> LockedImage:
        """The image of `repository:tag`, `repository:tag@sha256:...` or `repository@sha256:...`.

        Raises UnlockedImage, naming the known references, or both digests where they differ.
        """
        name, _, digest = reference.partition("@")
        if name in self.images:
            image = self.images[name]
            if digest and digest != image.digest:
                raise UnlockedImage(
                    f"{name} is locked with {image.digest}, but {digest} is asked for. Ask for the locked digest, "
                    f"or lock the other one with `nim-profiles lock FILE --image {name} --digest {digest}`"
                )
            return image
        by_digest = [
            image for ref, image in sorted(self.images.items()) if _repository(ref) == name and image.digest == digest
        ]
        if by_digest:
            return by_digest[0]
        known = ", ".join(f"{ref}@{image.digest}" for ref, image in sorted(self.images.items())) or "none"
        raise UnlockedImage(
            f"{reference} is not in the lock file, which has: {known}. "
            f"Add it with `nim-profiles lock FILE --image {name}`"
        )

    def with_image(self, reference: str, image: LockedImage) -> Self:
        """The lock with `image` added, or put in the place of what stood under `reference`. Raises BadLock."""
        try:
            return type(self)(images=dict(sorted({**self.images, reference: image}.items())))
        except ValidationError:
            raise BadLock((f"{reference!r} is not an image reference of the form repository:tag",)) from None


def migrated(
    document: dict[str, Any], steps: MappingType[int, Callable[[dict[str, Any]], dict[str, Any]]], to: int, source: str
) -> dict[str, Any]:
    """`document` lifted to version `to`, one step a version. Raises BadLock for a version that has no way there."""
    while document["version"] != to:
        version = document["version"]
        if version not in steps:
            newer = version > to
            fix = "Update nim-profiles" if newer else "Write it anew with `nim-profiles lock`"
            raise BadLock((f"{source}: version is {version}, this program reads {to}. {fix}",))
        document = {**steps[version](document), "version": version + 1}
    return document


def _repository(reference: str) -> str:
    """`repository` of `repository:tag`. A colon before the last slash is a registry's port."""
    head, colon, tag = reference.rpartition(":")
    return reference if not colon or "/" in tag else head


def _fault(source: str, fault: Any) -> str:  # a pydantic ErrorDetails, whose `input` may be anything
    key = ".".join(str(part) for part in fault["loc"]) or "the file"
    found = repr(fault["input"])
    found = found if len(found) <= 80 else f"{found[:77]}..."
    match fault["type"]:
        case "missing":
            return f"{source}: {key} is missing. Write the image's entry anew with `nim-profiles lock`"
        case "extra_forbidden":
            return f"{source}: {key} is not a key of the lock file. Remove it"
        case _:
            wrong = fault["msg"].removeprefix("Value error, ")
            return f"{source}: {key} is {found}: {wrong}. Write the image's entry anew with `nim-profiles lock`"


def _plain(node: Node) -> Any:  # the values of a YAML file have any type
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    kind = node.kind if node.plain else "str"
    # What is no text, whole number or truth value stays as it was written, and pydantic says what belongs there.
    return _SCALARS.get(kind, str)(node.text)


_SCALARS: dict[str, Callable[[str], Any]] = {
    "int": lambda text: int(text) if text.isdecimal() else text,
    "bool": lambda text: text.lower() in ("true", "yes", "on"),
    "null": lambda _text: None,
}


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc] # one of two bases
    def ignore_aliases(self, _data: object) -> bool:
        return True
