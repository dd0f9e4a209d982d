"""What the engine applied, and what it would still do, by endpoint."""

from typing import Any

from stacks.status.applied import SHARED, Applied, applied, pending

STACK = "urn:pulumi:team::nim::pulumi:pulumi:Stack::nim-team"
ENDPOINT = "urn:pulumi:team::nim::nim:serving:NimEndpoint::chat"
SERVICE = "urn:pulumi:team::nim::nim:serving:NimEndpoint$nim:serving:NimService::chat"
DEPLOYMENT = f"{SERVICE.removesuffix('::chat')}$kubernetes:apps/v1:Deployment::chat"
NODE = "urn:pulumi:team::nim::nim:compute:GpuNodePool$kubernetes:core/v1:Node::l40s-0"
INPUTS = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "old", "namespace": "nim"}}


def resource(urn: str, parent: str, **more: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], "parent": parent, **more}


STATE = {
    "resources": [
        resource(STACK, ""),
        resource(ENDPOINT, STACK),
        resource(SERVICE, ENDPOINT),
        resource(DEPLOYMENT, SERVICE, inputs=INPUTS),
        resource(NODE, STACK, inputs={**INPUTS, "kind": "Node"}),
    ]
}


def test_objects_of_an_endpoint_are_found_through_its_components() -> None:
    assert applied(STATE) == (Applied("chat", "apps/v1", "Deployment", "nim", "old", INPUTS),)
    assert str(applied(STATE)[0]) == "Deployment old"


def test_what_waits_to_be_deleted_is_no_longer_applied() -> None:
    gone = {"resources": [one | {"delete": True} for one in STATE["resources"]]}
    assert applied(gone) == ()
    assert applied({}) == ()


def step(op: str, urn: str, parent: str, *paths: str) -> dict[str, Any]:
    return {"op": op, "urn": urn, "newState": {"parent": parent}, "detailedDiff": {path: {} for path in paths}}


def test_steps_are_told_with_the_fields_that_they_change() -> None:
    steps = [
        step("update", DEPLOYMENT, SERVICE, "spec.replicas", "a", "b", "c", "d"),
        step("create", NODE, STACK),
    ]
    assert pending(steps, STATE) == {
        "chat": ("update Deployment chat (a, b, c, d, …)",),
        SHARED: ("create Node l40s-0",),
    }


def test_a_stack_without_changes_has_nothing_pending() -> None:
    assert pending([step("same", ENDPOINT, STACK), step("update", STACK, "")], STATE) == {}


def test_a_step_that_deletes_is_told_by_what_was() -> None:
    gone = {"op": "delete", "urn": ENDPOINT, "oldState": {"parent": STACK}}
    assert pending([gone], {}) == {"chat": ("delete NimEndpoint chat",)}


def test_what_a_new_endpoint_is_made_of_is_told_under_its_name() -> None:
    new = [step("create", ENDPOINT, STACK), step("create", SERVICE, ENDPOINT), step("create", DEPLOYMENT, SERVICE)]
    assert [*pending(new, {})] == ["chat"]
