import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.vllm_args import Kind, Setting, options_for, parse
from nim_profiles.vllm_args.spelling import deep_merge, int_of

OPTIONS = options_for("0.32.0")


def one(*words: str) -> Setting:
    parsed = parse(words, OPTIONS)
    assert (parsed.faults, parsed.positionals) == ([], [])
    (setting,) = parsed.settings
    return setting


def fault(*words: str) -> str:
    (line,) = parse(words, OPTIONS).faults
    return line


@pytest.mark.parametrize(
    "words",
    [
        ("--max-model-len", "4096"),
        ("--max-model-len=4096",),
        ("--max_model_len", "4096"),
        ("--max_model-len=4096",),
        ("--max-model", "4096"),
    ],
)
def test_spellings_of_one_setting_are_equal(words: tuple[str, ...]) -> None:
    assert one(*words) == Setting("--max-model-len", ("4096",))


@pytest.mark.parametrize("words", [("-O3",), ("-O", "3"), ("-O=3",), ("--optimization-level", "3")])
def test_spellings_of_the_optimisation_level_are_equal(words: tuple[str, ...]) -> None:
    assert one(*words) == Setting("--optimization-level", ("3",))


@pytest.mark.parametrize("words", [("-cc.mode=0",), ("-cc.mode", "0"), ("--compilation-config.mode", "0")])
def test_a_dotted_option_is_a_part_of_a_json_object(words: tuple[str, ...]) -> None:
    assert one(*words) == Setting("--compilation-config", ('{"mode": 0}',), part=True)


def test_dots_nest_plus_lists_and_numbers_may_have_a_unit() -> None:
    assert one("-cc.pass_config.fuse_norm", "true").values == ('{"pass_config": {"fuse_norm": true}}',)
    assert one("-cc.custom_ops+", "a,b").values == ('{"custom_ops": ["a", "b"]}',)
    assert one("--kv-transfer-config.kv_buffer_size", "1k").values == ('{"kv_buffer_size": 1000}',)


def test_a_dot_in_a_value_is_no_part() -> None:
    assert one("--gpu-memory-utilization=0.8") == Setting("--gpu-memory-utilization", ("0.8",))


def test_pairs_are_on_or_off() -> None:
    assert one("--enable-lora") == Setting("--enable-lora")
    assert one("--no-enable-lora") == Setting("--enable-lora", off=True)


def test_short_flags_with_and_without_a_gap() -> None:
    assert one("-n4") == one("-n", "4") == one("--nnodes", "4")
    assert one("-tp", "8") == one("--tensor-parallel-size=8")


def test_a_list_takes_what_follows_and_nothing_after_an_equals_sign() -> None:
    assert one("--served-model-name", "a", "b").values == ("a", "b")
    assert parse(["--served-model-name=a", "b"], OPTIONS).positionals == ["b"]


def test_a_negative_number_is_a_value() -> None:
    assert one("--max-model-len", "-1").values == ("-1",)


def test_words_without_a_flag_are_positional() -> None:
    parsed = parse(["org/model", "--port", "8001", "--", "--not-a-flag"], OPTIONS)
    assert parsed.positionals == ["org/model", "--not-a-flag"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--max-modle-len", "1"), "--max-modle-len is no option of vLLM 0.32.0: did you mean --max-model-len?"),
        (("--qqq",), "--qqq is no option of vLLM 0.32.0: remove it"),
        (("--enable-lora=true",), "--enable-lora=true: takes no value: write --enable-lora or --no-enable-lora"),
        (("--headless=1",), "--headless=1: takes no value: write --headless"),
        (("--port",), "--port has no value: give one"),
        (("--port", "x"), "--port is 'x': write a whole number"),
        (("--gpu-memory-utilization", "90%"), "--gpu-memory-utilization is '90%': write a number"),
        (("--compilation-config", "{mode: 0}"), "--compilation-config is '{mode: 0}': write JSON"),
        (("--port.x", "1"), "--port.x: --port is no JSON object, so it has no parts: write --port VALUE"),
        (("-cc.mode",), "--compilation-config.mode has no value: give one"),
    ],
)
def test_what_vllm_refuses_is_refused_with_the_fix(words: tuple[str, ...], line: str) -> None:
    assert fault(*words) == line


def test_a_choice_names_all_choices() -> None:
    assert fault("--dtype", "fp8") == ("--dtype is 'fp8': write one of auto, bfloat16, float, float16, float32, half")


def test_a_beginning_of_several_options_names_them() -> None:
    assert fault("--max-lo", "1").startswith("--max-lo may mean --max-log-len, --max-logprobs")


def test_an_empty_text_is_none_where_there_may_be_none() -> None:
    assert one("--quantization=").values == ("",)


def test_json_with_units_is_left_to_vllm() -> None:
    assert parse(["--kv-transfer-config", '{"kv_buffer_size": 1k}'], OPTIONS).faults == []


@pytest.mark.parametrize(("text", "number"), [("1k", 1000), ("1K", 1024), ("2.5m", 2_500_000), (" 7 ", 7), ("-1", -1)])
def test_whole_numbers_as_vllm_reads_them(text: str, number: int) -> None:
    assert int_of(text) == number


@pytest.mark.parametrize("text", ["1.5K", "1.5", "", "k", "1kk"])
def test_no_whole_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        int_of(text)


@given(flag=st.sampled_from(sorted(OPTIONS.by_flag)), underscores=st.booleans())
def test_every_flag_is_its_option_with_either_kind_of_dash(flag: str, *, underscores: bool) -> None:
    option = OPTIONS.by_flag[flag]
    spelled = "--" + flag[2:].replace("-", "_") if underscores and flag.startswith("--") else flag
    values = [] if option.kind in {Kind.PAIR, Kind.SWITCH} else ["1"]
    (setting,) = parse([spelled, *values], OPTIONS).settings
    assert setting.name == option.name
    assert setting.off == (option.kind is Kind.PAIR and flag.startswith("--no-") and flag != option.name)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_nothing_on_a_command_line_raises(words: list[str]) -> None:
    parse(words, OPTIONS)


JSON = st.recursive(
    st.integers(0, 9), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6
)


@given(st.dictionaries(st.sampled_from("abc"), JSON, max_size=3))
def test_merging_with_itself_or_nothing_changes_nothing(document: dict[str, object]) -> None:
    assert deep_merge(document, document) == deep_merge({}, document) == deep_merge(document, {}) == document
    assert json.loads(json.dumps(document)) == document
