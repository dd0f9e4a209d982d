"""The workspace of a profile: the files it downloads, from `files` (schema 2.x) or from `components` (1.x)."""

import re
from urllib.parse import quote

from nim_profiles.profile import Artifact
from nim_profiles.strict_yaml import Mapping, Node, Scalar
from nim_profiles.typed_yaml import TypedReader

_BYTES = re.compile(r"[0-9]{1,15}")


def read_workspace(reader: TypedReader, node: Node, key: str) -> tuple[Artifact, ...]:
    """In the order of the text; where two components bring the same path, the later one's file."""
    workspace = reader.mapping(node, key)
    if workspace is None:
        return ()
    found: list[Artifact] = []
    if "files" in workspace.entries and (files := reader.mapping(workspace.entries["files"], f"{key}.files")):
        for path, entry in files.entries.items():
            where = f"{key}.files[{path[:80]}]"
            if (file := reader.mapping(entry, where)) and (uri := reader.text(file, "uri", where, required=True)):
                found.append(
                    Artifact(path, uri, reader.text(file, "checksum", where), _size_bytes(reader, file, where))
                )
    if "components" in workspace.entries:
        for index, item in enumerate(reader.sequence(workspace.entries["components"], f"{key}.components")):
            found += _component(reader, item, f"{key}.components[{index}]")
    return tuple({artifact.path: artifact for artifact in found}.values())


def _component(reader: TypedReader, node: Node, key: str) -> list[Artifact]:
    component = reader.mapping(node, key)
    if component is None:
        return []
    folder = reader.text(component, "dst", key) or ""
    if "src" not in component.entries:
        reader.fault(component.line, f"{key}.src", "no such key", "it says where the files come from")
        return []
    src = reader.mapping(component.entries["src"], f"{key}.src")
    repo = reader.text(src, "repo_id", f"{key}.src", required=True) if src else None
    if src is None or repo is None or "files" not in src.entries:
        return []
    found = []
    for index, file in enumerate(reader.sequence(src.entries["files"], f"{key}.src.files")):
        where = f"{key}.src.files[{index}]"
        name, checksum, size_bytes = None, None, None
        if isinstance(file, Mapping):
            name = reader.text(file, "name", where, required=True)
            checksum, size_bytes = reader.text(file, "checksum", where), _size_bytes(reader, file, where)
        else:
            name = reader.scalar(file, where)
        if name:
            path = f"{folder.rstrip('/')}/{name}" if folder else name
            found.append(Artifact(path, f"{repo}?file={quote(name, safe='')}", checksum, size_bytes))
    return found


def _size_bytes(reader: TypedReader, row: Mapping, key: str) -> int | None:
    """Under `size_bytes` or `size`; None where there is neither."""
    for name in ("size_bytes", "size"):
        if name in row.entries:
            value = row.entries[name]
            if isinstance(value, Scalar) and _BYTES.fullmatch(value.text):
                return int(value.text)
            reader.fault(row.key_lines[name], f"{key}.{name}", value, "a whole number of bytes belongs here")
    return None
