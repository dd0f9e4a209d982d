"""Names and ids of objects, and the name that an object gets when the program gives none."""

from collections.abc import Mapping

from nim_sandbox.kubernetes_plugin.annotations import AUTONAMED, annotation
from nim_sandbox.values import UNKNOWN, Value, is_true, plain

RANDOM_HEX_DIGITS = 8


def metadata_of(obj: Mapping[str, Value]) -> dict[str, Value]:
    """Empty where it is absent or unknown."""
    metadata = plain(obj.get("metadata"))
    return metadata if isinstance(metadata, dict) else {}


def name_of(obj: Mapping[str, Value]) -> str:
    """Empty where it is absent or unknown."""
    name = metadata_of(obj).get("name")
    return name if isinstance(name, str) else ""


def namespace_of(obj: Mapping[str, Value]) -> str:
    """Empty where it is absent or unknown."""
    namespace = metadata_of(obj).get("namespace")
    return namespace if isinstance(namespace, str) else ""


def label_of(obj: Mapping[str, Value]) -> str:
    """For messages: `Deployment default/chat`."""
    return f"{plain(obj.get('kind', 'object'))} {resource_id(obj)}"


def resource_id(obj: Mapping[str, Value]) -> str:
    """As the genuine plugin has it: `namespace/name`, or `name` where there is no namespace."""
    return f"{namespace}/{name_of(obj)}" if (namespace := namespace_of(obj)) else name_of(obj)


def parse_id(text: str) -> tuple[str, str]:
    """Namespace (empty where there is none) and name."""
    namespace, _, name = text.rpartition("/")
    return namespace, name


def is_autonamed(obj: Mapping[str, Value]) -> bool:
    return is_true(annotation(obj, AUTONAMED))


def with_name(new: dict[str, Value], old: Mapping[str, Value], resource_name: str, seed: bytes) -> dict[str, Value]:
    """`new` with a name: its own, else the one that `old` was given, else one made from the seed.

    Unknown names and `generateName` are left alone.
    """
    metadata = metadata_of(new)
    if new.get("metadata") is UNKNOWN or metadata.get("name") or metadata.get("generateName"):
        return new
    if old and not is_autonamed(old):
        # The fixed name was taken out of the program: a new, made-up one replaces the object.
        old = {}
    made_up = name_of(old) or f"{resource_name}-{seed.hex()[:RANDOM_HEX_DIGITS]}"
    annotations = metadata.get("annotations")
    if annotations is not UNKNOWN:
        annotations = {**(annotations or {}), AUTONAMED: "true"}
    return {**new, "metadata": {**_marked(new), "name": made_up, "annotations": annotations}}


def _marked(obj: Mapping[str, Value]) -> dict[str, Value]:
    metadata = obj.get("metadata")
    return metadata if isinstance(metadata, dict) else metadata_of(obj)
