"""Kubernetes objects as they are written down: several documents, lists of kubectl, what Helm renders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

BYTE_LIMIT = 8 * 1024 * 1024
"""`kubectl get all -o yaml` of a namespace with hundreds of objects has 2 MB."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Json = Any
"""Whatever stands in a manifest."""


class BadObjects(ValueError):
    """What was given are no Kubernetes objects; one line a fault."""


@dataclass(frozen=True, slots=True)
class Object:
    kind: str
    name: str
    namespace: str | None
    """None where the file leaves it to the caller, as Helm's output does."""
    content: Mapping[str, Json]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def part(self, *path: str) -> dict[str, Json]:
        """The mapping at `path`; empty where there is none."""
        return mapping_at(self.content, *path)


def mapping_at(content: Mapping[str, Json], *path: str) -> dict[str, Json]:
    found: Json = content
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def list_at(content: Mapping[str, Json], key: str) -> list[dict[str, Json]]:
    """The mappings in the list at `key`; what else stands in it is none of Kubernetes' own."""
    found = content.get(key)
    return [dict(one) for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def words(value: Json) -> list[str]:
    """A command line; empty where there is no list."""
    return [str(one) for one in value] if isinstance(value, list) else []


def texts(value: Json) -> dict[str, str]:
    """Labels and selectors."""
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}


def at_least_one(replicas: Json) -> int:
    return replicas if isinstance(replicas, int) and replicas > 0 else 1


def read_objects(text: str, origin: str) -> tuple[Object, ...]:
    """In the order of the file. Raises BadObjects, naming `origin`."""
    if len(text.encode(errors="replace")) > BYTE_LIMIT:
        raise BadObjects(f"{origin}: more than {BYTE_LIMIT} bytes; give the objects of one namespace")
    try:
        documents = [document for document in yaml.load_all(text, Loader=_Loader) if document is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise BadObjects(f"{origin}: is not YAML: {' '.join(str(error).split())}") from None
    found = [one for document in documents for one in _objects(document, origin)]
    if not found:
        raise BadObjects(f"{origin}: holds no object; `kubectl get deployment,service,pvc -o yaml` prints them")
    return tuple(found)


def _objects(document: Json, origin: str) -> Iterator[Object]:
    if not isinstance(document, Mapping) or not isinstance(document.get("kind"), str):
        raise BadObjects(f"{origin}: holds something without a kind, so it is no Kubernetes object")
    if document["kind"].endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _objects(item, origin)
        return
    metadata = mapping_at(document, "metadata")
    if not isinstance(metadata.get("name"), str):
        raise BadObjects(f"{origin}: holds a {document['kind']} without a name")
    namespace = metadata.get("namespace")
    yield Object(document["kind"], metadata["name"], namespace if isinstance(namespace, str) else None, document)
