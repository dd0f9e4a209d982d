"""The rules over what the program really asks for."""

from datetime import date
from decimal import Decimal
from typing import Any

import pulumi
import pytest

from nim_policy import Planned
from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup
from stacks.deploy import deploy
from stacks.plan import Plan
from stacks.policing import facts_of, judged, terms_of
from stacks.selected import ROOT, planned_from
from stacks.settings import API_KEY, PROJECT
from stacks.stack_file import read_raw, stack_file_name
from tests.recording import record
from tests.stacks.test_shipped import STACKS

TODAY = date(2026, 3, 1)
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"


def plan_of(stack: str, **changes: Any) -> Plan:
    raw = read_raw(ROOT, stack)
    if raw.get("needs_ngc_key", True):
        raw[API_KEY] = {"secure": "v1:made-up"}
    return planned_from({**raw, **changes}, ROOT, stack, stack_file_name(stack))


def told(plan: Plan) -> list[str]:
    pulumi.runtime.set_config(f"{PROJECT}:{API_KEY}", "nvapi-made-up-for-this-test")
    recorded = record(lambda: deploy(plan)).resources
    resources = [Planned(f"urn:pulumi:test::nim::{one.type}::{one.name}", one.type, one.inputs) for one in recorded]
    assert resources
    return [str(result) for result in judged(plan, resources, TODAY)]


@pytest.mark.parametrize("stack", [stack for stack in STACKS if stack not in ("local", "example-dev")])
def test_a_shipped_stack_keeps_every_rule(stack: str) -> None:
    assert told(plan_of(stack)) == []


def test_a_stack_that_installs_the_gpu_operator_keeps_every_rule() -> None:
    assert told(plan_of("prod", gpu_operator=True)) == []


def test_who_tries_a_model_is_advised_to_pin_it() -> None:
    assert told(plan_of("example-dev")) == [
        "advisory: pinned-profile: llama-8b: no NIM_MODEL_PROFILE is set, so the container chooses; "
        "pin one of the image's profiles by its 64-digit id"
    ]


def test_the_local_stack_gets_one_piece_of_advice_with_the_saving() -> None:
    assert told(plan_of("local")) == [
        "advisory: lighter-precision: llama-8b-bf16: runs vllm-bf16-tp1-pp1-33.0; vllm-fp8-tp1-pp1-27.0 "
        "(c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73) would need 6.4 GiB less of each GPU "
        "(estimate) and download 21.5 GiB less; pin it where its answers are as good"
    ]


def test_the_container_that_chooses_breaks_the_rule_of_pins() -> None:
    raw = read_raw(ROOT, "eks-sandbox")
    del raw["endpoints"]["llama-8b"]["profile"]
    loose = plan_of("eks-sandbox", endpoints=raw["endpoints"], profile_selection=["id", "automatic"])
    assert told(loose) == [
        "mandatory: pinned-profile: llama-8b: no NIM_MODEL_PROFILE is set, so the container chooses; "
        "pin one of the image's profiles by its 64-digit id"
    ]


def test_a_ceiling_is_kept_to() -> None:
    policy = {"usd_per_hour": 60, "levels": {"cost-ceiling": "advisory"}}
    assert told(plan_of("eks-sandbox", policy=policy)) == [
        "advisory: cost-ceiling: stack: costs $65.53264/h, above its ceiling of $60.00/h; "
        "take smaller or fewer nodes, or raise policy.usd_per_hour"
    ]


def test_nodes_that_somebody_else_pays_are_not_unpriced() -> None:
    assert (facts_of(plan_of("dev")).unpriced, facts_of(plan_of("dev")).usd_per_hour) == ((), Decimal(0))


@pytest.mark.parametrize(("capacity", "spot"), [("spot", True), ("on-demand", False)])
def test_a_pool_on_spot_is_known(capacity: str, *, spot: bool) -> None:
    pools = read_raw(ROOT, "eks-sandbox")["pools"]
    pools["l40s"]["capacity_type"] = capacity
    plan = plan_of("eks-sandbox", pools=pools)
    pool = plan.pools["l40s"]
    assert isinstance(pool, EksNodeGroup)
    assert pool.capacity_type is CapacityType[capacity.upper().replace("-", "_")]
    assert facts_of(plan).endpoints["llama-8b"].spot is spot


def test_the_facts_are_the_plans() -> None:
    plan = plan_of("local")
    known = facts_of(plan).endpoints["nemotron-nano"]
    assert (known.gpu_count, known.node_count, known.profile) == (8, 1, "vllm-fp8-tp8-pp1-8.0")
    assert known.start_up_seconds == next(one for one in plan.endpoints if one.name == "nemotron-nano").start_up_seconds


def test_exceptions_and_levels_reach_the_rules() -> None:
    exception = {"rule": "spot-alone", "reason": "a trial", "until": "2026-12-31"}
    terms = terms_of(plan_of("local", policy={"exceptions": [exception], "levels": {"plain-key": "advisory"}}))
    assert [str(one) for one in terms.exemptions] == ["a trial (until 2026-12-31)"]
    assert dict(terms.levels) == {"plain-key": "advisory"}
