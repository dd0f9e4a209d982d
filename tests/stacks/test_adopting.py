"""What `nim-profiles adopt` writes is a stack file of ours, and plans what it says."""

from pathlib import Path
from typing import Any

import pytest

from nim_profiles.adoption import adopt, read_objects
from nim_profiles.lock import Lock
from pulumi_nim.adopted import Adopted
from stacks.plan import EndpointPlan
from stacks.planning import LOCK_FILE
from stacks.selected import ROOT, planned_from

DATA = ROOT / "tests/data/adoption"
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"


def planned(name: str, **missing: Any) -> EndpointPlan:
    """Of the one endpoint in a file; `missing` is what a person adds to it."""
    found = adopt(
        read_objects((DATA / f"{name}.yaml").read_text(encoding="utf-8"), name), Lock.read(Path(ROOT / LOCK_FILE))
    )
    ((endpoint, said),) = found.endpoints.items()
    raw = {**found.config, "cluster": {"context": "mine"}, "ngcApiKey": {"secure": "v1:x"}}
    plan = planned_from({**raw, "endpoints": {endpoint: {**missing, **said}}}, ROOT, "dev", "stacks/Pulumi.dev.yaml")
    return plan.endpoints[0]


@pytest.mark.parametrize(
    ("name", "missing", "adopted"),
    [
        (
            "by-hand",
            {},
            Adopted(deployment="llama3-chat", selector={"app": "llama3-chat"}, service="llm", claim="nim-cache"),
        ),
        (
            "nim-llm-chart",
            {"profile": FP8},
            Adopted(
                deployment="chat",
                selector={"app.kubernetes.io/name": "nim-llm", "app.kubernetes.io/instance": "chat"},
                service="chat-nim-llm",
                claim="chat-nim-llm",
            ),
        ),
        ("operator", {}, Adopted(service="llama-3.1-8b", claim="llama-cache-pvc")),
    ],
)
def test_the_entry_passes_our_own_check(name: str, missing: dict[str, str], adopted: Adopted) -> None:
    one = planned(name, **missing)
    assert one.adopted == adopted
    assert one.claim_name == adopted.claim


def test_an_endpoint_that_takes_nothing_over_keeps_names_of_its_own() -> None:
    plan = planned_from(
        {
            "cluster": {"sandbox": "team"},
            "needs_ngc_key": False,
            "pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
            "endpoints": {"chat": {"image": planned("by-hand").image, "profile": FP8, "pool": "l40s"}},
        },
        ROOT,
        "team",
        "stacks/Pulumi.team.yaml",
    )
    assert plan.endpoints[0].adopted == Adopted()
    assert plan.endpoints[0].claim_name.startswith("chat-cache-")
