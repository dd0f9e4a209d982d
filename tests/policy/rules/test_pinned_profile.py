import pytest

from nim_policy.rules.pinned_profile import RULE
from tests.policy.samples import container, found, group, server


def test_a_64_digit_id_is_a_pin() -> None:
    assert found(RULE, [server(), group()]) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("default", "NIM_MODEL_PROFILE is 'default'; pin one of the image's profiles by its 64-digit id"),
        ("vllm-fp8-tp1-pp1-27.0", "NIM_MODEL_PROFILE is 'vllm-fp8-tp1-pp1-27.0'; pin one of the image's profiles"),
        (None, "no NIM_MODEL_PROFILE is set, so the container chooses; pin one of the image's profiles"),
    ],
)
def test_a_name_default_and_nothing_are_none(value: str | None, problem: str) -> None:
    (told,) = found(RULE, [server(profile_value=value)])
    assert told.startswith(problem)


def test_of_a_group_the_workers_count_too() -> None:
    loose = group()
    worker = loose.props["spec"]["leaderWorkerTemplate"]["workerTemplate"]["spec"]["containers"][0]
    worker["env"] = []
    assert len(found(RULE, [loose])) == 1


def test_what_is_known_only_later_is_no_fault_yet() -> None:
    later = server()
    container(later)["env"][0]["value"] = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert found(RULE, [later]) == []
