import shlex

from pulumi_nim.engine_flags import flags_environment


def test_the_context_length_has_a_variable_of_its_own() -> None:
    assert flags_environment({"max_model_len": 4096}) == {"NIM_MAX_MODEL_LEN": "4096"}


def test_everything_else_is_passed_through_in_one_stable_line() -> None:
    flags = {"max_num_seqs": 8, "enforce_eager": True, "kv_cache_dtype": "fp8", "max_model_len": None}
    assert shlex.split(flags_environment(flags)["NIM_PASSTHROUGH_ARGS"]) == [
        "--enforce-eager",
        "--kv-cache-dtype",
        "fp8",
        "--max-num-seqs",
        "8",
    ]


def test_what_is_not_set_is_not_said() -> None:
    assert flags_environment({"max_num_seqs": None, "enforce_eager": False}) == {}
