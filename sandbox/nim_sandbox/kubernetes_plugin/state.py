"""What the engine keeps of an object: the live one and the inputs that made it, as the genuine plugin does."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from nim_sandbox.kubernetes_plugin.secrecy import mark_like, mark_secret_kind
from nim_sandbox.kubernetes_plugin.settings import FIELD_MANAGER
from nim_sandbox.values import UNKNOWN, Secret, Value, plain

INPUTS = "__inputs"
API_VERSION = "__initialApiVersion"
MANAGER = "__fieldManager"
SERVER_MADE = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
"""Metadata that a dry run makes up and the real run makes anew."""


@dataclass(frozen=True, slots=True)
class State:
    """One object's entry in the state."""

    inputs: dict[str, Value]
    live: dict[str, Value]
    manager: str


def read_state(properties: Mapping[str, Value]) -> State:
    """From what the engine sends back. An object that was made elsewhere may lack our own entries."""
    inputs = properties.get(INPUTS, {})
    if isinstance(inputs, Secret):
        inputs = {key: Secret(value) for key, value in inputs.value.items()}
    manager = plain(properties.get(MANAGER))
    return State(
        inputs=dict(inputs),
        live={key: value for key, value in properties.items() if not key.startswith("__")},
        manager=manager if isinstance(manager, str) else FIELD_MANAGER,
    )


def write_state(inputs: dict[str, Value], live: Mapping[str, Value], manager: str) -> dict[str, Value]:
    """What was secret in the inputs is secret in the live object and in the kept inputs."""
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    kept = mark_secret_kind(inputs)
    return {
        **mark_like({**live, "metadata": metadata}, kept),
        INPUTS: kept,
        API_VERSION: inputs.get("apiVersion"),
        MANAGER: manager,
    }


def previewed(inputs: dict[str, Value], dry_run: Mapping[str, Value]) -> dict[str, Value]:
    """Outputs that a dry run foretells: without status and without what the real run makes anew."""
    metadata = {key: value for key, value in dry_run["metadata"].items() if key not in SERVER_MADE}
    live = {key: value for key, value in dry_run.items() if key != "status"}
    return mark_like({**live, "metadata": metadata}, mark_secret_kind(inputs))


def normalized(inputs: dict[str, Value]) -> dict[str, Value]:
    """A Secret's `stringData` as `data`, as the server will store it; other kinds as they are."""
    texts = inputs.get("stringData")
    texts = texts.value if isinstance(texts, Secret) else texts
    if inputs.get("kind") != "Secret" or not isinstance(texts, dict):
        return inputs
    encoded = {key: _encoded(value) for key, value in plain(texts).items()}
    data = plain(inputs.get("data")) or {}
    rest = {key: value for key, value in inputs.items() if key != "stringData"}
    return {**rest, "data": UNKNOWN if data is UNKNOWN else {**data, **encoded}}


def _encoded(value: Value) -> Value:
    return value if value is UNKNOWN else base64.b64encode(str(value).encode()).decode()
