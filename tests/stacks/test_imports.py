"""Of all that a preview would create, what exists is imported, with its parents, and nothing else."""

from typing import Any

from stacks.imports import import_file, import_ids
from stacks.plan import Plan
from stacks.selected import ROOT, planned_from

LLAMA = (
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
    "@sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81"
)
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
CLUSTER = {"cluster": "urn:pulumi:team::nim::pulumi:providers:kubernetes::cluster"}


def plan(adopt: dict[str, Any]) -> Plan:
    endpoint = {"image": LLAMA, "profile": FP8, "pool": "l40s"}
    raw = {
        "cluster": {"sandbox": "team"},
        "needs_ngc_key": False,
        "pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
        "endpoints": {"chat": {**endpoint, "adopt": adopt}, "new": endpoint},
    }
    return planned_from(raw, ROOT, "team", "stacks/Pulumi.team.yaml")


def part(name: str, type_: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": type_, "name": name, **({} if parent is None else {"parent": parent}), **more}


PREVIEW: dict[str, Any] = {
    "nameTable": CLUSTER,
    "resources": [
        part("chat", "nim:serving:NimEndpoint", component=True),
        part("new", "nim:serving:NimEndpoint", component=True),
        part("nim", "kubernetes:core/v1:Namespace", id="<PLACEHOLDER>"),
        part("l40s", "nim:compute:GpuNodePool", component=True),
        part("chatNimService", "nim:serving:NimService", "chat", component=True, logicalName="chat"),
        part(
            "chatDeployment", "kubernetes:apps/v1:Deployment", "chatNimService", logicalName="chat", id="<PLACEHOLDER>"
        ),
        part("chatService", "kubernetes:core/v1:Service", "chatNimService", logicalName="chat", id="<PLACEHOLDER>"),
        part("newDeployment", "kubernetes:apps/v1:Deployment", "new", logicalName="new", id="<PLACEHOLDER>"),
    ],
    "providerInputs": {"cluster": {"context": "x"}},
}


def test_ids_are_namespace_and_name_of_what_is_taken_over() -> None:
    adopt = {"deployment": "old", "selector": {"app": "old"}, "service": "front", "claim": "cache"}
    assert import_ids(plan(adopt)) == {
        ("kubernetes:apps/v1:Deployment", "chat"): "nim/old",
        ("kubernetes:core/v1:Service", "chat"): "nim/front",
        ("kubernetes:core/v1:PersistentVolumeClaim", "cache"): "nim/cache",
        ("kubernetes:core/v1:Namespace", "nim"): "nim",
    }
    assert import_ids(plan({})) == {}


def test_only_what_exists_is_imported_with_its_parents_and_the_namespace() -> None:
    written = import_file(PREVIEW, plan({"deployment": "old", "selector": {"app": "old"}}))
    assert [(one["name"], one.get("id")) for one in written["resources"]] == [
        ("chat", None),
        ("nim", "nim"),
        ("chatNimService", None),
        ("chatDeployment", "nim/old"),
    ]
    assert written["nameTable"] == CLUSTER
    assert written["providerInputs"] == PREVIEW["providerInputs"]


def test_what_the_state_has_already_is_not_imported_again() -> None:
    later = {**PREVIEW, "resources": [one for one in PREVIEW["resources"] if one["name"] == "nim"]}
    assert import_file(later, plan({"deployment": "old", "selector": {"app": "old"}}))["resources"] == []
    assert import_file({}, plan({"claim": "cache"}))["resources"] == []
