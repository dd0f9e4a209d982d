from pathlib import Path

import pytest

from nim_launcher.variables import SWITCHES, VALUES, BadVariable, unknown, words_from
from nim_profiles.vllm_args import Kind, options_for, parse


def words(**environ: str) -> list[tuple[str, list[str]]]:
    return list(words_from(environ))


@pytest.mark.parametrize(("variable", "flag"), sorted(VALUES.items()))
def test_every_variable_becomes_an_option_that_vllm_has(variable: str, flag: str) -> None:
    options = options_for("0.32.0")
    option = options.by_flag[flag.partition(".")[0]]
    assert option.kind in {Kind.VALUE, Kind.LIST}
    assert variable.startswith("NIM_")


@pytest.mark.parametrize(("variable", "flag"), sorted(SWITCHES.items()))
def test_every_switch_can_be_turned_both_ways(variable: str, flag: str) -> None:
    for value, expected in (("1", flag), ("0", f"--no-{flag[2:]}"), ("True", flag)):
        assert words(**{variable: value}) == [(variable, [expected])]
    assert not parse([flag, f"--no-{flag[2:]}"], options_for("0.32.0")).faults


def test_a_switch_takes_nothing_else() -> None:
    with pytest.raises(BadVariable, match="NIM_TRUST_CUSTOM_CODE is 'maybe': write 1 or 0"):
        words(NIM_TRUST_CUSTOM_CODE="maybe")


def test_an_empty_variable_says_nothing() -> None:
    assert words(NIM_MAX_MODEL_LEN="", NIM_DISABLE_CUDA_GRAPH="", NIM_PASSTHROUGH_ARGS="") == []


def test_served_names_are_a_list() -> None:
    assert words(NIM_SERVED_MODEL_NAME="a, b") == [("NIM_SERVED_MODEL_NAME", ["--served-model-name", "a", "b"])]


def test_words_passed_through_are_split_like_a_shell_line_and_come_last() -> None:
    found = words(NIM_PASSTHROUGH_ARGS="""--limit-mm-per-prompt '{"image": 1}' -tp 2""", NIM_SERVER_PORT="1")
    assert found[-1] == ("NIM_PASSTHROUGH_ARGS", ["--limit-mm-per-prompt", '{"image": 1}', "-tp", "2"])


def test_words_that_cannot_be_split_are_refused() -> None:
    with pytest.raises(BadVariable, match="NIM_PASSTHROUGH_ARGS cannot be split"):
        words(NIM_PASSTHROUGH_ARGS="'open")


def test_adapters_are_the_folders_with_an_adapter_config(tmp_path: Path) -> None:
    for name in ("b", "a", "notes"):
        (tmp_path / name).mkdir()
    for name in ("b", "a"):
        (tmp_path / name / "adapter_config.json").write_text("{}")
    found = words(NIM_PEFT_SOURCE=str(tmp_path))
    assert found == [("NIM_PEFT_SOURCE", ["--lora-modules", f"a={tmp_path}/a", f"b={tmp_path}/b"])]


def test_a_folder_without_adapters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadVariable, match="no folder in it has an adapter_config"):
        words(NIM_PEFT_SOURCE=str(tmp_path))
    with pytest.raises(BadVariable, match="cannot be read"):
        words(NIM_PEFT_SOURCE=str(tmp_path / "absent"))


def test_what_does_nothing_is_named_but_not_what_kubernetes_sets_for_services() -> None:
    environ = {
        "NIM_FT_MODEL": "x",
        "NIM_SERVICE_HOST": "10.0.0.1",
        "NIM_PORT_8000_TCP_ADDR": "x",
        "NIM_SERVER_PORT": "1",
    }
    assert unknown(environ) == ("NIM_FT_MODEL",)
