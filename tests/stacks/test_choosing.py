"""What `profile:` means: an id, a name, `default`, or nothing."""

from typing import Any

import pytest

from nim_profiles.selection import Rule
from stacks.faults import BadStackFile
from stacks.plan import EndpointPlan, Plan
from stacks.planning import make_plan
from tests.stacks.samples import FILE, FP8, LOCK, LOCK_FOLDER, raw

KEY = f"{FILE}: nim:endpoints.llama.profile"
NAME = "vllm-fp8-tp1-pp1-27.0"


def allowing(wanted: str | None, *rules: str) -> dict[str, Any]:
    return {**raw(profile=wanted), "profile_selection": list(rules)}


def plan(content: dict[str, Any]) -> Plan:
    return make_plan(content, LOCK, LOCK_FOLDER, stack="test", file=FILE)


def endpoint(content: dict[str, Any]) -> EndpointPlan:
    (one,) = plan(content).endpoints
    return one


def fault(content: dict[str, Any]) -> str:
    with pytest.raises(BadStackFile) as refused:
        plan(content)
    return str(refused.value)


def test_an_id_reaches_the_pods_and_needs_no_word() -> None:
    one = endpoint(raw())
    assert (one.choice.rule, one.choice.written, one.choice.loose) == (Rule.ID, FP8, False)
    assert plan(raw()).notes == ()


def test_a_name_reaches_the_pods_as_the_id_it_means() -> None:
    content = allowing(NAME.upper(), "id", "name")
    assert endpoint(content).choice.written == FP8
    assert plan(content).notes == (f"endpoint llama: the name {NAME} means {FP8} in this image; the pods get that id.",)


def test_default_reaches_the_pods_as_it_is() -> None:
    content = allowing("default", "default")
    one = endpoint(content)
    assert (one.choice.written, one.choice.loose) == ("default", True)
    assumed, loose, *_ = plan(content).notes
    assert f"all figures here assume {one.profile.name} ({one.profile.id})" in assumed
    assert "`download-to-cache` rejects it" in loose


def test_automatic_selection_writes_nothing_and_says_what_is_assumed() -> None:
    content = allowing(None, "automatic")
    one = endpoint(content)
    assert (one.choice.written, one.choice.loose) == (None, True)
    assumed, loose, *_ = plan(content).notes
    assert "no profile is named, so none is written" in assumed
    assert "a restart or another node may give another profile" in loose


@pytest.mark.parametrize("wanted", [NAME, "default", None])
def test_only_ids_are_allowed_unless_the_stack_says_more(wanted: str | None) -> None:
    line = fault(raw(profile=wanted))
    assert line.startswith(f"{KEY}: found ")
    assert "nim:profile_selection allows id; pin " in line


def test_a_stack_may_refuse_ids() -> None:
    assert "found an id, and nim:profile_selection allows name" in fault(allowing(FP8, "name"))


def test_what_is_neither_id_nor_name_names_the_closest() -> None:
    line = fault(allowing("vllm-fp8-tp1-pp1", *Rule))
    assert line.startswith(f"{KEY}: found vllm-fp8-tp1-pp1, which this image does not offer; closest: {FP8} ({NAME}); ")


def test_an_id_with_its_name_is_refused_as_the_container_would() -> None:
    line = fault(allowing(f"{FP8} ({NAME})", *Rule))
    assert line.endswith(f"Write {FP8} alone")


def test_where_nothing_runs_automatic_selection_is_refused_with_every_reason() -> None:
    content = allowing(None, "automatic")
    content["pools"]["l40s"]["instance_type"] = "g4dn.xlarge"
    line = fault(content)
    assert line.startswith(f"{KEY}: leaves the choice to the container, and no profile of this image runs there (")
    assert "bf16 needs compute capability 8.0, Tesla-T4 has 7.5" in line
