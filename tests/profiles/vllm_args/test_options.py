import pytest

from nim_profiles.vllm_args import Kind, options_for
from nim_profiles.vllm_args.options import VERSIONS


def test_a_known_version_is_exact() -> None:
    assert (options_for("0.32.0").exact, options_for("0.32.0").version) == (True, "0.32.0")


@pytest.mark.parametrize("version", ["0.21.0", "0.33.1", "1.0", "0.32.0+cpu", "unknown", None])
def test_another_version_is_read_by_the_nearest_and_not_exact(version: str | None) -> None:
    found = options_for(version)
    assert (found.exact, found.version in VERSIONS) == (False, True)


@pytest.mark.parametrize(
    ("flag", "name", "kind", "type_"),
    [
        ("--max-model-len", "--max-model-len", Kind.VALUE, "whole_or_auto"),
        ("-tp", "--tensor-parallel-size", Kind.VALUE, "int"),
        ("--no-enable-lora", "--enable-lora", Kind.PAIR, "text"),
        ("--device-memory-utilization", "--gpu-memory-utilization", Kind.VALUE, "float"),
        ("-cc", "--compilation-config", Kind.VALUE, "json"),
        ("--middleware", "--middleware", Kind.APPEND, "text"),
        ("--served-model-name", "--served-model-name", Kind.LIST, "text"),
        ("--headless", "--headless", Kind.SWITCH, "text"),
    ],
)
def test_what_vllms_parser_says_is_in_the_data(flag: str, name: str, kind: Kind, type_: str) -> None:
    option = options_for("0.32.0").by_flag[flag]
    assert (option.name, option.kind, option.type) == (name, kind, type_)


def test_all_options_of_the_reference_are_there() -> None:
    """Counted in vLLM 0.32 by other means: 318 with --help and the positional model, 88 of them pairs."""
    options = set(options_for("0.32.0").by_flag.values())
    assert (len(options), sum(option.kind is Kind.PAIR for option in options)) == (316, 88)
