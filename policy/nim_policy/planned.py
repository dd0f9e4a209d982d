"""A planned resource: what a program asked the engine for, before anything exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Props = Mapping[str, Any]  # Any: whatever a program may write
UNKNOWN = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes where a value is known only once something exists: a boolean, a number, a text, a list, an
asset, an archive, an object (pulumi/sdk v3.250.0, go/common/resource/plugin/rpc.go)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One resource and its inputs, in wire format."""

    urn: str
    type: str
    """`kubernetes:apps/v1:Deployment`."""
    props: Props

    @property
    def name(self) -> str:
        """In the program."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def kind(self) -> str:
        """`Deployment`; of a component or a cloud's resource, its last word likewise."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def kubernetes(self) -> bool:
        return self.type.startswith("kubernetes:")

    @property
    def namespace(self) -> str | None:
        found = dig(self.props, "metadata", "namespace")
        return None if found is None else str(found)


def dig(value: Any, *path: str) -> Any:  # Any: whatever a program may write
    """What stands there; None where nothing does, or where it is not known yet."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if is_unknown(value) else value


def is_unknown(value: object) -> bool:
    return isinstance(value, str) and value in UNKNOWN


def mapping(value: Any) -> Props:  # Any: as above
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:  # Any: as above
    """Of a list; of anything else, none."""
    return [*value] if isinstance(value, list | tuple) else []


def whole(value: Any) -> int | None:  # Any: as above
    """A number, however it is spelt: quantities are texts, and the engine's numbers have a fraction. None: no number.

    A percentage is none.
    """
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
