"""Events as the engine writes them, of resources that tests make up."""

import json
from collections.abc import Mapping
from typing import Any

STACK = "urn:pulumi:team::nim::pulumi:pulumi:Stack::nim-team"


def urn(types: str, name: str) -> str:
    """`types`: those of the parents first, `$` between them."""
    return f"urn:pulumi:team::nim::{types}::{name}"


def step(
    types: str, name: str, op: str = "create", parent: str = STACK, inputs: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    state = {"parent": parent, "inputs": dict(inputs or {}), "outputs": {}}
    metadata = {
        "op": op,
        "urn": urn(types, name),
        "type": types.rpartition("$")[2],
        "old": None if op == "create" else state,
        "new": None if op == "delete" else state,
        **more,
    }
    return {"resourcePreEvent": {"metadata": metadata, "planning": True}}


def endpoint(
    name: str, op: str = "create", inputs: Mapping[str, Any] | None = None, **more: Any
) -> list[dict[str, Any]]:
    """The component, the service in it, and that one's Deployment."""
    above = urn("nim:serving:NimEndpoint", name)
    service = "nim:serving:NimEndpoint$nim:serving:NimService"
    deployment = f"{service}$kubernetes:apps/v1:Deployment"
    return [
        step("nim:serving:NimEndpoint", name, "same"),
        step(service, name, "same", above),
        step(deployment, name, op, urn(service, name), inputs, **more),
    ]


def text(*events: Mapping[str, Any]) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)
