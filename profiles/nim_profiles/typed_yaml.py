"""Typed reading of YAML nodes: each method gives what belongs there, or notes a fault and gives None."""

from dataclasses import dataclass, field

from nim_profiles.strict_yaml import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class TypedReader:
    """`key` arguments say where in the file a node stands: `profiles[0].tags`."""

    faults: list[tuple[int, str]] = field(default_factory=list)
    """Line, and `key: found: fix`."""

    def fault(self, line: int, key: str, found: object, fix: str) -> None:
        self.faults.append((line, f"{key}: found {found}: {fix}"))

    def mapping(self, node: Node, key: str) -> Mapping | None:
        if isinstance(node, Mapping):
            return node
        self.fault(node.line, key, node, "a mapping belongs here")
        return None

    def sequence(self, node: Node, key: str) -> list[Node]:
        if isinstance(node, Sequence):
            return node.items
        self.fault(node.line, key, node, "a list belongs here")
        return []

    def scalar(self, node: Node, key: str) -> str | None:
        """As written, numbers too: `release: 2.0` is the text `2.0`."""
        if isinstance(node, Scalar) and node.kind != "null":
            return node.text
        self.fault(node.line, key, node, "a word belongs here")
        return None

    def text(self, row: Mapping, name: str, key: str, *, required: bool = False) -> str | None:
        """Of the key `name` in `row`; None, and a fault only if `required`, where there is no such key."""
        where = f"{key}.{name}" if key else name
        if name in row.entries:
            return self.scalar(row.entries[name], where)
        if required:
            self.fault(row.line, where, "no such key", "it is required")
        return None
