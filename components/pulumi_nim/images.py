"""References of container images: what may be deployed is named by digest."""

import re
from dataclasses import dataclass

_REFERENCE = re.compile(
    r"(?P<repository>[a-z0-9]+(?:[._-][a-z0-9]+)*(?::[0-9]+)?(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
"""`registry/path[:tag][@sha256:hex]`, after the grammar of the OCI distribution specification 1.1."""


class BadImage(ValueError):
    """An image reference that does not say exactly what to run."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image pinned by digest; the tag is for people."""

    repository: str
    tag: str | None
    digest: str
    """`sha256:<64 hex>`."""

    @classmethod
    def parse(cls, text: str) -> "Image":
        """Raises BadImage, saying what is missing and how to get it."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            raise BadImage("is not an image reference; write registry/repository:tag@sha256:<64 hex>")
        if match["tag"] == "latest":
            raise BadImage(
                "has the tag `latest`, which names another image tomorrow; write the version, and its digest"
            )
        if match["digest"] is None:
            raise BadImage("has no digest; append @sha256:<64 hex> (`docker buildx imagetools inspect` prints it)")
        return cls(match["repository"], match["tag"], match["digest"])

    def __str__(self) -> str:
        return f"{self.repository}{f':{self.tag}' if self.tag else ''}@{self.digest}"
