"""One image of the lock file: what it is, where that was read, and the profiles it offers."""

from collections import Counter
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from nim_profiles.profile import Profile

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
ProfileId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """Base of all parts of the lock file: nothing unknown, nothing changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Download(Part):
    """What serving one profile downloads, and how sure that is."""

    bytes: Annotated[int, Field(ge=0)]
    estimated: bool
    """False only when the bytes were summed from sizes that the manifest itself states."""
    basis: Annotated[str, Field(min_length=1)]
    """Where the number comes from, in words."""


class Shape(Part):
    """Where the model's shape is found: a name in the catalogue of models, or a `config.json`. Exactly one of them."""

    catalogue: str | None = None
    config: str | None = None
    """Relative to the folder of the lock file."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.catalogue is None) == (self.config is None):
            raise ValueError("either catalogue or config must be given, and not both")
        return self


class Origin(Part):
    """The file that the profiles were read from."""

    kind: Literal["manifest", "listing"]
    path: str | None = None
    """Relative to the folder of the lock file; None when the text was piped in."""
    text: str | None = None
    """Where the file came from, in words."""
    sha256: Sha256


class LockedProfile(Part):
    """One profile as the image states it."""

    id: ProfileId
    name: str
    tags: dict[str, str]
    tags_complete: bool
    """False where only a listing was read: its names leave tags out, so the id cannot be checked against them."""
    workspace_hash: str | None = None
    download: Download | None = None

    @field_validator("tags")
    @classmethod
    def _canonical_order(cls, tags: dict[str, str]) -> dict[str, str]:
        return dict(sorted(tags.items()))

    @property
    def value(self) -> Profile:
        """The same as the rest of the package knows it."""
        return Profile(
            id=self.id,
            name=self.name,
            tags=self.tags,
            tags_complete=self.tags_complete,
            workspace_hash=self.workspace_hash,
            download_bytes=None if self.download is None else self.download.bytes,
        )


class LockedImage(Part):
    """One image under its reference `repository:tag`. The digest says which bytes the tag meant when it was locked."""

    digest: Digest
    digest_source: str | None = None
    """Said only where the digest is not the registry's own."""
    source: Origin
    model: str | None = None
    release: str | None = None
    shape: Shape | None = None
    rows: tuple[LockedProfile, ...] = Field(alias="profiles")

    @field_validator("rows")
    @classmethod
    def _canonical_rows(cls, rows: tuple[LockedProfile, ...]) -> tuple[LockedProfile, ...]:
        if not rows:
            raise ValueError("an image has at least one profile")
        if twice := sorted(identifier for identifier, count in Counter(row.id for row in rows).items() if count > 1):
            raise ValueError(f"these ids occur more than once: {', '.join(twice)}")
        return tuple(sorted(rows, key=lambda row: (row.name, row.id)))

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """In the order of the file: by name, then by id."""
        return tuple(row.value for row in self.rows)
