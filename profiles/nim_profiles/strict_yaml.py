"""YAML from strangers: read into nodes that know their line, with limits on size, nodes and depth.

Tags (`!workspace`) are ignored, never acted on. An alias stands for the node it names and counts with all that is in
it, so that a bomb of aliases meets the limit on nodes before it takes memory. Duplicate and merge keys are faults.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

BYTE_LIMIT = 8 * 1024 * 1024
"""The largest manifests known have about 1 MiB: more than a Kubernetes ConfigMap holds."""
NODE_LIMIT = 200_000
DEPTH_LIMIT = 32

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_RESOLVER = yaml.resolver.Resolver()


class BadYaml(ValueError):
    """No acceptable YAML; `faults` are (line, what is wrong), lines counted from 1."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"line {line}: {why}" for line, why in faults))


@dataclass(slots=True, eq=False)
class Scalar:
    line: int
    text: str
    plain: bool
    """Written without quotes, so that YAML may take it for a number, a truth value or nothing."""
    size: int = 1

    @property
    def kind(self) -> str:
        """`str`, `int`, `float`, `bool`, `null`, `timestamp`: what YAML 1.1 takes it for."""
        tag: str = _RESOLVER.resolve(yaml.ScalarNode, self.text, (self.plain, not self.plain))  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it so
        return tag.rpartition(":")[2]

    def __str__(self) -> str:
        short = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return {"str": repr(short), "null": "nothing"}.get(self.kind, f"the {self.kind} {short}")


@dataclass(slots=True, eq=False)
class Sequence:
    line: int
    items: "list[Node]"
    size: int = 1

    def __str__(self) -> str:
        return "a list"


@dataclass(slots=True, eq=False)
class Mapping:
    line: int
    entries: "dict[str, Node]"
    key_lines: dict[str, int]
    size: int = 1

    def __str__(self) -> str:
        return "a mapping"


Node = Scalar | Sequence | Mapping


def read_yaml(text: str) -> Node:
    """The one document in `text`. Raises BadYaml: every duplicate key, and the fault that ended the reading, if any."""
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        raise BadYaml([(_line(text, error.start), "half of a surrogate pair; the file must be UTF-8")]) from None
    if size_bytes > BYTE_LIMIT:
        raise BadYaml([(1, f"{size_bytes} bytes, and at most {BYTE_LIMIT} are read")])
    if odd := _CONTROL.search(text):
        raise BadYaml([(_line(text, odd.start()), f"the control character {odd[0]!r}; this is no text file")])
    reader = _Reader(text)
    try:
        root = reader.document()
    except BadYaml as fatal:
        raise BadYaml([*reader.faults, *fatal.faults]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadYaml([*reader.faults, (line, f"not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise BadYaml([*reader.faults, (1, f"not YAML: {' '.join(str(error).split())[:200]}")]) from None
    if reader.faults:
        raise BadYaml(reader.faults)
    return root


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


class _Reader:
    """Pulls parser events one by one and stops at the first that passes a limit."""

    def __init__(self, text: str) -> None:
        self.events = yaml.parse(text, Loader=_Loader)
        self.anchors: dict[str, Node] = {}
        self.nodes = 0
        self.faults: list[tuple[int, str]] = []

    def document(self) -> Node:
        self.next()
        if isinstance(self.next(), yaml.StreamEndEvent):
            raise BadYaml([(1, "no YAML document in it")])
        root = self.node(self.next(), DEPTH_LIMIT)
        self.next()
        if not isinstance(more := self.next(), yaml.StreamEndEvent):
            raise BadYaml([(more.start_mark.line + 1, "a second document starts; one file holds one")])
        return root

    def next(self) -> Any:
        """Any: the stubs do not know what the kinds of events have."""
        return next(self.events)

    def count(self, nodes: int, line: int) -> None:
        self.nodes += nodes
        if self.nodes > NODE_LIMIT:
            raise BadYaml([(line, f"more than {NODE_LIMIT} values, those behind aliases included")])

    def node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise BadYaml([(line, f"the alias *{event.anchor} names nothing that ends before it")])
            named = self.anchors[event.anchor]
            self.count(named.size, line)
            return named
        self.count(1, line)
        if depth == 0:
            raise BadYaml([(line, f"nested deeper than {DEPTH_LIMIT} levels")])
        found: Node
        if isinstance(event, yaml.ScalarEvent):
            found = Scalar(line, event.value, plain=event.implicit[0])
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self.sequence(line, depth)
        else:
            found = self.mapping(line, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = found
        return found

    def sequence(self, line: int, depth: int) -> Sequence:
        found = Sequence(line, [])
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            item = self.node(event, depth - 1)
            found.items.append(item)
            found.size += item.size
        return found

    def mapping(self, line: int, depth: int) -> Mapping:
        found = Mapping(line, {}, {})
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.node(event, depth - 1)
            key_line = event.start_mark.line + 1
            value = self.node(self.next(), depth - 1)
            found.size += 1 + value.size
            if not isinstance(key, Scalar):
                self.faults.append((key_line, f"{key} as a key; a key is a word"))
            elif key.plain and key.text == "<<":
                self.faults.append((key_line, "a merge key `<<`; write the keys out"))
            elif key.text in found.entries:
                first = found.key_lines[key.text]
                self.faults.append((key_line, f"the key {key} a second time, first on line {first}; keep one"))
            else:
                found.entries[key.text], found.key_lines[key.text] = value, key_line
        return found
