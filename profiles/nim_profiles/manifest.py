"""Model manifests: the YAML in which a NIM image says which profiles it has. Schemas 1.x, 2.0, 2.0.0 and 2.1.

Unknown keys are passed over. Faults are collected and raised once, each with its line. Whether ids hash to their tags
is not judged here: below NIM 1.3 they do not.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nim_profiles.name import BadProfileName, ProfileName
from nim_profiles.profile import Profile
from nim_profiles.profile_id import is_profile_id
from nim_profiles.strict_yaml import BYTE_LIMIT, BadYaml, Mapping, Node, Scalar, Sequence, read_yaml
from nim_profiles.typed_yaml import TypedReader
from nim_profiles.workspace import read_workspace

V1 = "1"
"""`schema_version` of manifests that state none: those of LLM 1.x, which map ids to profiles."""
FAULT_LIMIT = 200
"""So that a file of nonsense does not answer with a megabyte."""
_SCHEMA = re.compile(r"1(\.[0-9]+){0,2}|2(\.[0-9]+){0,2}")
_WHOLE = (re.compile(r"[1-9][0-9]{0,3}"), "a whole number from 1 to 9999 belongs here")
_TRUTH = (re.compile(r"true|false", re.IGNORECASE), "'true' or 'false' belongs here")
_GIGABYTES = (re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?"), "a number of GB belongs here, such as '33.0'")
_TAG_FORMS = {
    "tp": _WHOLE,
    "pp": _WHOLE,
    "number_of_gpus": _WHOLE,
    "feat_lora": _TRUTH,
    "trtllm_buildable": _TRUTH,
    "min_vram_per_device_gb": _GIGABYTES,
}


class BadManifest(ValueError):
    """`faults` holds every fault once, as `source:line: key: what was found: the fix`, in the order of the text."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Manifest:
    schema_version: str
    model: str | None
    """None where the manifest names none, or a 1.x one names several."""
    release: str | None
    profiles: tuple[Profile, ...]
    """In the order of the text."""
    sha256: str = field(default="", compare=False)
    """Of the UTF-8 text that was read, in hex."""


def read_manifest(path: Path | str) -> Manifest:
    """Raises BadManifest, also for a file too large to be one (found out without reading it) or not UTF-8; OSError."""
    path = Path(path)
    with path.open("rb") as file:
        raw = file.read(BYTE_LIMIT + 1)
    if len(raw) > BYTE_LIMIT:
        raise BadManifest([f"{path}:1: file: found more than {BYTE_LIMIT} bytes: give a model manifest"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte {raw[error.start]:#04x}, which is not UTF-8"
        raise BadManifest([f"{path}:{line}: file: found {found}: give a model manifest, saved as UTF-8"]) from None
    return parse_manifest(text, source=str(path))


def parse_manifest(text: str, source: str = "manifest") -> Manifest:
    """`source` stands in front of each fault. The JSON that `GET /v1/manifest` answers is understood too."""
    reader = TypedReader()
    manifest = None
    try:
        root = read_yaml(text)
        if isinstance(root, Mapping) and isinstance(inner := root.entries.get("manifest_file"), Scalar):
            text = inner.text
            root = read_yaml(text)
    except BadYaml as error:
        reader.faults.extend((line, f"YAML: {why}") for line, why in error.faults)
    else:
        if top := reader.mapping(root, "manifest"):
            manifest = _manifest(reader, top, hashlib.sha256(text.encode()).hexdigest())
    if manifest is None or reader.faults:
        faults = [f"{source}:{line}: {rest}" for line, rest in sorted(dict.fromkeys(reader.faults))]
        more = [f"{source}: and {len(faults) - FAULT_LIMIT} more faults"] if len(faults) > FAULT_LIMIT else []
        raise BadManifest(faults[:FAULT_LIMIT] + more)
    return manifest


def write_manifest(manifest: Manifest) -> str:
    """YAML that reads back equal; for tests and for the sandbox. The files of 1.x are written the way 2.x does."""
    rows = [_row(profile) for profile in manifest.profiles]
    head = {"model": manifest.model, "release": manifest.release}
    head = {key: value for key, value in head.items() if value is not None}
    document: dict[str, Any]  # Any: what YAML can hold
    if manifest.schema_version == V1 and rows:
        document = {row.pop("id"): head | row for row in rows}
    else:
        version = {} if manifest.schema_version == V1 else {"schema_version": manifest.schema_version}
        document = version | head | {"profiles": rows}
    return yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


def _row(profile: Profile) -> dict[str, Any]:
    files = {
        artifact.path: {
            key: value
            for key, value in (
                ("uri", artifact.uri),
                ("checksum", artifact.checksum),
                ("size", artifact.size_bytes),
            )
            if value is not None
        }
        for artifact in profile.artifacts
    }
    row: dict[str, Any] = {"id": profile.id, "tags": dict(profile.tags)}
    if files:
        row["workspace"] = {"files": files}
    if profile.workspace_hash is not None:
        row["workspace_hash"] = profile.workspace_hash
    return row


def _manifest(reader: TypedReader, top: Mapping, sha256: str) -> Manifest | None:
    version = reader.text(top, "schema_version", "") or V1
    if not _SCHEMA.fullmatch(version):
        line = top.key_lines["schema_version"]
        reader.fault(line, "schema_version", repr(version[:60]), "this reads 1.x and 2.x")
        return None
    if "profiles" in top.entries or version.startswith("2"):
        model, release = reader.text(top, "model", ""), reader.text(top, "release", "")
        profiles = _listed(reader, top)
    else:
        rows = {key: node for key, node in top.entries.items() if is_profile_id(key) or isinstance(node, Mapping)}
        if not rows:
            reader.fault(top.line, "manifest", "no `profiles` and no id as a key", "give a model manifest")
        profiles = [_profile(reader, key, node, top.key_lines[key], key[:80]) for key, node in rows.items()]
        model, release = (_common(reader, rows, key) for key in ("model", "release"))
    return Manifest(version, model, release, tuple(profile for profile in profiles if profile), sha256)


def _common(reader: TypedReader, rows: dict[str, Node], name: str) -> str | None:
    values = {reader.text(row, name, key[:80]) for key, row in rows.items() if isinstance(row, Mapping)}
    return values.pop() if len(values) == 1 else None


def _listed(reader: TypedReader, top: Mapping) -> list[Profile | None]:
    node = top.entries.get("profiles")
    if not isinstance(node, Sequence):
        line = top.key_lines.get("profiles", top.line)
        reader.fault(line, "profiles", node or "no such key", "a list of profiles belongs here")
        return []
    profiles: list[Profile | None] = []
    first_lines: dict[str, int] = {}
    for index, item in enumerate(node.items):
        key = f"profiles[{index}]"
        row = reader.mapping(item, key)
        id_ = reader.text(row, "id", key, required=True) if row else None
        if row is None:
            continue
        line = row.key_lines.get("id", row.line)
        if id_ is not None and id_ in first_lines:
            reader.fault(line, f"{key}.id", f"{id_[:80]}, as on line {first_lines[id_]}", "an id stands once")
        elif id_ is not None:
            first_lines[id_] = line
        profiles.append(_profile(reader, id_, row, line, key))
    return profiles


def _profile(reader: TypedReader, id_: str | None, node: Node, line: int, key: str) -> Profile | None:
    row = reader.mapping(node, key)
    if id_ is not None and not is_profile_id(id_):
        reader.fault(line, f"{key}.id", repr(id_[:80]), "an id is 64 lower-case hex characters")
    if row is None:
        return None
    tags, name = _tags(reader, row, f"{key}.tags")
    workspace = row.entries.get("workspace")
    artifacts = read_workspace(reader, workspace, f"{key}.workspace") if workspace else ()
    sizes = [artifact.size_bytes for artifact in artifacts if artifact.size_bytes is not None]
    return Profile(
        id=id_ or "",
        name=name,
        tags=tags,
        artifacts=artifacts,
        workspace_hash=reader.text(row, "workspace_hash", key),
        download_bytes=sum(sizes) if sizes and len(sizes) == len(artifacts) else None,
    )


def _tags(reader: TypedReader, row: Mapping, key: str) -> tuple[dict[str, str], str]:
    """The tags and the name that follows from them; the name is empty where there was a fault."""
    if "tags" not in row.entries:
        reader.fault(row.line, key, "no such key", "it is required")
        return {}, ""
    found = reader.mapping(row.entries["tags"], key)
    if found is None:
        return {}, ""
    before = len(reader.faults)
    tags: dict[str, str] = {}
    for tag, value in found.entries.items():
        where = found.key_lines[tag], f"{key}.{tag[:80]}", value
        if not isinstance(value, Scalar) or value.kind != "str":
            quoted = f"'{value.text}'" if isinstance(value, Scalar) else "'text'"
            reader.fault(*where, f"tag values are texts, write {quoted}")
            continue
        form, fix = _TAG_FORMS.get(tag, (None, ""))
        if form and not form.fullmatch(value.text):
            reader.fault(*where, fix)
        tags[tag] = value.text
    if len(reader.faults) > before:
        return tags, ""
    try:
        return tags, str(ProfileName.from_tags(tags))
    except BadProfileName as error:
        reader.fault(found.line, key, repr(error.text[:80]), f"the tags make no profile name: {error.why}")
        return tags, ""
