import shlex

import pytest

from nim_profiles.nim_env import Family
from nim_profiles.vllm_args import Setting
from pulumi_nim.engine_flags import Way, deliver, way

LENGTH = Setting("--max-model-len", ("4096",))
EAGER = Setting("--enforce-eager")
KV = Setting("--kv-cache-dtype", ("fp8",))


@pytest.mark.parametrize(
    ("family", "tag", "by"),
    [
        (Family.LLM_1, "1.8.4", Way.VARIABLES),
        (Family.VLM_1, "1.2.0", Way.VARIABLES),
        (Family.LLM_2, "2.0.6", Way.PASSTHROUGH),
        (Family.LLM_2, "2.0.11", Way.ARGUMENTS),
        (Family.VLM_2, "2.1.4", Way.ARGUMENTS),
        (Family.VARIANT, "2.0.10-variant", Way.PASSTHROUGH),
        (None, "v0.21.0", Way.PASSTHROUGH),
    ],
)
def test_options_reach_each_family_in_its_own_way(family: Family | None, tag: str, by: Way) -> None:
    assert way(family, tag) is by


def test_the_context_length_has_a_variable_of_its_own() -> None:
    delivery = deliver([LENGTH], Family.LLM_2, "2.0.12")
    assert (delivery.environment, delivery.arguments) == ({"NIM_MAX_MODEL_LEN": "4096"}, ())


def test_newer_images_of_2_get_arguments() -> None:
    assert deliver([EAGER, KV], Family.LLM_2, "2.0.12").arguments == ("--enforce-eager", "--kv-cache-dtype", "fp8")


def test_older_images_of_2_get_one_variable_split_like_a_shell_line() -> None:
    limits = Setting("--limit-mm-per-prompt", ('{"image": 1}',))
    line = deliver([EAGER, limits], Family.LLM_2, "2.0.6").environment["NIM_PASSTHROUGH_ARGS"]
    assert shlex.split(line) == ["--enforce-eager", "--limit-mm-per-prompt", '{"image": 1}']


def test_images_of_1_get_a_variable_each_and_what_has_none_is_told() -> None:
    delivery = deliver([LENGTH, EAGER, KV], Family.LLM_1, "1.8.4")
    assert delivery.environment == {"NIM_MAX_MODEL_LEN": "4096", "NIM_DISABLE_CUDA_GRAPH": "1"}
    assert delivery.undeliverable == ("--kv-cache-dtype",)


def test_nothing_set_is_nothing_said() -> None:
    delivery = deliver([], Family.LLM_2, "2.0.12")
    assert (delivery.environment, delivery.arguments) == ({}, ())
