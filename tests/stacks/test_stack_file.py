from pathlib import Path

import pytest

from stacks.faults import BadStackFile
from stacks.stack_file import decode_config, read_raw


def write(root: Path, text: str) -> None:
    (root / "stacks").mkdir()
    (root / "stacks" / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")


def refusal(root: Path, stack: str = "dev") -> str:
    with pytest.raises(BadStackFile) as refused:
        read_raw(root, stack)
    return str(refused.value)


def test_our_keys_are_read_without_their_prefix(tmp_path: Path) -> None:
    write(tmp_path, "config:\n  nim:namespace: a\n  aws:region: b\n")
    assert read_raw(tmp_path, "dev") == {"namespace": "a"}


def test_a_missing_file_names_those_that_exist(tmp_path: Path) -> None:
    write(tmp_path, "config: {}\n")
    assert refusal(tmp_path, "prod") == "stacks/Pulumi.prod.yaml: does not exist; stacks here: dev"


def test_two_endpoints_with_one_name_are_found_though_yaml_keeps_the_last(tmp_path: Path) -> None:
    write(tmp_path, "config:\n  nim:endpoints:\n    llama: {replicas: 1}\n    other: {}\n    llama: {replicas: 2}\n")
    assert refusal(tmp_path) == "stacks/Pulumi.dev.yaml: nim:endpoints.llama: stands twice (line 5); rename one"


@pytest.mark.parametrize("text", ["", "config:\n", "[]\n", "config: 3\n"])
def test_a_file_without_config_says_so(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert refusal(tmp_path) == "stacks/Pulumi.dev.yaml: config: is missing; write a mapping of nim: keys below it"


def test_a_key_without_its_prefix_is_refused_for_the_engine_alone_would_take_it_for_ours(tmp_path: Path) -> None:
    write(tmp_path, "config:\n  namespace: a\n  nim:endpoints: {}\n  pools: {}\n")
    assert refusal(tmp_path).splitlines() == [
        "stacks/Pulumi.dev.yaml: config.namespace: lacks its prefix; write nim:namespace",
        "stacks/Pulumi.dev.yaml: config.pools: lacks its prefix; write nim:pools",
    ]


def test_broken_yaml_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "config: [\n")
    assert refusal(tmp_path).startswith("stacks/Pulumi.dev.yaml: is not YAML: ")
    assert "\n" not in refusal(tmp_path)


def test_the_engines_view_of_a_file_is_the_files() -> None:
    config = {
        "nim:endpoints": '{"llama": {"replicas": 2}}',
        "nim:needs_ngc_key": "false",
        "nim:namespace": "a",
        "x:y": "z",
    }
    assert decode_config(config) == {"endpoints": {"llama": {"replicas": 2}}, "needs_ngc_key": False, "namespace": "a"}
