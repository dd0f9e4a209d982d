"""A protected cache leaves a stack on purpose or not at all."""

from typing import Any

from stacks.leaving import leaving_caches
from stacks.plan import Plan
from stacks.planning import make_plan
from tests.stacks.samples import BF16, FILE, LOCK, LOCK_FOLDER, raw


def plan(**endpoint: Any) -> Plan:
    return make_plan(raw(**endpoint), LOCK, LOCK_FOLDER, stack="test", file=FILE)


def state(claim: str, endpoint: str = "llama", *, protect: bool = True) -> dict[str, Any]:
    parent = f"urn:pulumi:test::nim::nim:serving:NimEndpoint$nim:storage:ModelCache::{endpoint}"
    kind = "kubernetes:core/v1:PersistentVolumeClaim"
    held = {"type": kind, "parent": parent, "protect": protect, "inputs": {"metadata": {"name": claim}}}
    return {"resources": [{"type": "pulumi:pulumi:Stack"}, held]}


BEFORE = plan(profile=BF16).endpoints[0].claim_name
LET_GO = "bring the stack up with nim:caches.protect false first"


def lines(of: Plan, deployed: dict[str, Any]) -> list[str]:
    return [str(fault) for fault in leaving_caches(of, deployed)]


def test_a_cache_in_use_that_would_leave_is_told_by_the_key_that_keeps_it() -> None:
    assert lines(plan(), state(BEFORE)) == [
        f"{FILE}: nim:endpoints.llama.keep_caches: lacks {BEFORE}, which is in use and protected; write it there to "
        f"keep it for a way back, or {LET_GO}"
    ]


def test_an_endpoint_that_would_leave_with_its_cache_is_told() -> None:
    assert lines(plan(), state("chat-cache-0123456789", "chat")) == [
        f"{FILE}: nim:endpoints: lacks chat, whose cache chat-cache-0123456789 is protected; {LET_GO}"
    ]


def test_what_stays_what_is_kept_and_what_is_not_protected_are_no_faults() -> None:
    assert lines(plan(profile=BF16), state(BEFORE)) == []
    assert lines(plan(keep_caches=[BEFORE]), state(BEFORE)) == []
    assert lines(plan(), state(BEFORE, protect=False)) == []
    assert lines(plan(), {}) == []
