"""Which endpoints are asked what they serve."""

from typing import Any

import pytest

from stacks.checking import told
from stacks.plan import EndpointPlan
from stacks.planning import make_plan
from tests.stacks.samples import FILE, FP8, LOCK, LOCK_FOLDER, raw

EXISTING = {"back_end": "existing", "gpu": "NVIDIA-L40S"}


def planned(pool: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None, **endpoint: Any) -> EndpointPlan:
    content = raw(**endpoint)
    content |= {} if pool is None else {"pools": {"l40s": pool}}
    content |= {"profile_selection": ["id", "default"], **({} if cluster is None else {"cluster": cluster})}
    (only,) = make_plan(content, LOCK, LOCK_FOLDER, stack="test", file=FILE).endpoints
    return only


@pytest.mark.parametrize(
    ("pool", "cluster", "why"),
    [
        (None, None, "the nodes of pool l40s are simulated"),
        (EXISTING, {"sandbox": "test"}, "the nodes of pool l40s are simulated"),
        (EXISTING, {"sandbox": "test", "real_node": True}, None),
        (EXISTING, {"context": "mine"}, None),
    ],
)
def test_only_containers_are_asked(pool: dict[str, Any] | None, cluster: dict[str, Any] | None, why: str) -> None:
    assert planned(pool, cluster).unchecked == why


def test_a_user_may_do_without() -> None:
    assert planned(EXISTING, {"context": "mine"}, check=False).unchecked == "the stack file says so"


def test_the_pin_is_asked_for_and_what_a_container_chooses_is_not() -> None:
    assert planned().check.pinned_id == FP8
    assert planned(profile="default").check.pinned_id is None


def test_the_script_comes_with_all_that_it_imports_and_nothing_else() -> None:
    program = planned().check.program
    assert sorted(program) == ["endpoint_check.py", "nim_profiles/__init__.py", "nim_profiles/served_profile.py"]
    assert "from nim_profiles.served_profile import" in program["endpoint_check.py"]


def test_a_preview_says_who_is_asked_and_why_others_are_not() -> None:
    assert told([("one", None), ("two", "the stack file says so")]) == (
        "proof of what an endpoint serves, after each roll-out\n"
        "  one: a Job asks it for its profile and a completion\n"
        "  two: none (the stack file says so)"
    )
