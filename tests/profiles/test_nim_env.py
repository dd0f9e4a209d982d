"""Environment variables of NIM images: the data, the families, and the settings that are worked out."""

import json
from collections import Counter
from pathlib import Path

import pytest

from nim_launcher import variables as launcher
from nim_profiles.encoder import ImpossibleWorkload
from nim_profiles.nim_env import (
    Family,
    Kind,
    NotInThisFamily,
    all_variables,
    check_environment,
    image_family,
    kv_ratio,
    telemetry,
    variables,
)
from nim_profiles.vllm_args import options_for

ROOT = Path(__file__).parents[2]
DATA = json.loads((ROOT / "profiles/nim_profiles/data/nim_env.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("image", "family"),
    [
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6", Family.LLM_2),
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.0-RTX", Family.LLM_1),
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.4-pb6", Family.LLM_2),
        ("nvcr.io/nim/nvidia/llm-nim:1.12", Family.LLM_1),
        ("nvcr.io/nim/nvidia/model-free-nim:3.0.0", Family.LLM_2),
        ("nvcr.io/nim/nvidia/llama-3.1-nemoguard-8b-content-safety:1.10.1", Family.LLM_1),
        ("nvcr.io/nim/google/diffusiongemma-26b-a4b-it:2.1.4", Family.LLM_2),
        ("nvcr.io/nim/meta/llama-3.2-11b-vision-instruct:1.2.0", Family.VLM_1),
        ("nvcr.io/nim/nvidia/nemotron-nano-12b-v2-vl:2.0.12", Family.VLM_2),
        ("nvcr.io/nim/nvidia/cosmos-reason2-8b:1.6.0", Family.VLM_1),
        ("nvcr.io/nim/nvidia/vila:1.0.0", Family.VLM_1),
        ("nvcr.io/nim/google/gemma-4-31b-it:2.0.10-variant", Family.VARIANT),
        ("registry.example.com:5000/mirror/nim/meta/llama-3.1-8b-instruct:2.0.6", Family.LLM_2),
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:latest", None),
        ("nvcr.io/nim/nvidia/llama-nemotron-embed-300m-v2:1.13.0", None),
        ("nvcr.io/nim/nvidia/llama-nemotron-rerank-500m-v2:1.10.0", None),
        ("nvcr.io/nim/nvidia/riva-translate-1_6b:1.3.2", None),
        ("docker.io/vllm/vllm-openai:0.21.0", None),
    ],
)
def test_the_family_shows_in_the_name_of_the_image(image: str, family: Family | None) -> None:
    repository, _, tag = image.rpartition(":")
    assert image_family(repository, tag) is family


def test_without_a_tag_nobody_knows_the_family() -> None:
    assert image_family("nvcr.io/nim/meta/llama-3.1-8b-instruct", None) is None


def test_a_variable_has_one_meaning_in_a_family() -> None:
    pairs = Counter((variable.name, family) for variable in all_variables() for family in variable.families)
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_the_data_are_sorted_and_every_source_is_used() -> None:
    names = [row["name"] for row in DATA["variables"]]
    assert names == sorted(names)
    assert {row["source"] for row in DATA["variables"]} == DATA["sources"].keys()
    assert all(variable.source.endswith("(read 2026-08)") for variable in all_variables())


def test_every_field_of_the_data_is_read() -> None:
    read = {"name", "families", "type", "default", "note", "source", "choices", "minimum", "maximum", "secret"}
    read |= {"engines", "argument", "instead", "logs_requests"}
    assert {key for row in DATA["variables"] for key in row} == read


@pytest.mark.parametrize("family", Family)
def test_every_default_is_a_value_that_the_family_takes(family: Family) -> None:
    defaults = {name: variable.default for name, variable in variables(family).items() if variable.default is not None}
    assert len(defaults) > 5
    findings = check_environment(defaults, family)
    assert [str(one) for one in findings if "; write " in one.problem or "no variable" in one.problem] == []


def test_what_has_choices_has_a_kind_that_holds_values_against_them() -> None:
    listed = {variable.name for variable in all_variables() if variable.choices}
    held = {variable.name for variable in all_variables() if variable.kind in (Kind.CHOICE, Kind.BACKEND, Kind.URI)}
    assert listed == held


def test_every_argument_is_one_of_vllm_and_the_launcher_means_the_same() -> None:
    said = {variable.name: variable.argument for variable in all_variables() if variable.argument}
    known = options_for(None).by_flag
    assert [argument for argument in said.values() if argument.partition(".")[0] not in known] == []
    theirs = {**launcher.VALUES, **launcher.SWITCHES}
    assert {name: theirs[name] for name in said if name in theirs} == {n: a for n, a in said.items() if n in theirs}


def test_what_is_named_instead_exists() -> None:
    names = {variable.name for variable in all_variables()}
    assert [variable.name for variable in all_variables() if variable.instead not in {None, *names}] == []


@pytest.mark.parametrize("family", Family)
def test_what_telemetry_sets_passes_the_check(family: Family) -> None:
    found = telemetry("http://collector:4317", "chat", family)
    assert check_environment(found.environment, family) == ()


def test_telemetry_is_variables_on_1_x_and_an_argument_of_vllm_on_2_x() -> None:
    old, new = (telemetry("http://collector:4317", "chat", family) for family in (Family.LLM_1, Family.LLM_2))
    assert dict(old.environment) == {
        "OTEL_SERVICE_NAME": "chat",
        "NIM_ENABLE_OTEL": "1",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317",
    }
    assert old.arguments == ()
    assert dict(new.environment) == {"OTEL_SERVICE_NAME": "chat"}
    assert new.arguments == ("--otlp-traces-endpoint", "http://collector:4317")


def test_telemetry_needs_an_address() -> None:
    with pytest.raises(ValueError, match=r"^the collector's address is 'collector:4317'; write it as http://collector"):
        telemetry("collector:4317", "chat", Family.LLM_1)


def test_the_kv_ratio_is_for_vision_images_of_1_x() -> None:
    found = kv_ratio(Family.VLM_1, input_tokens=900, output_tokens=100, image_request_fraction=0.5)
    assert dict(found) == {"NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN": "2000"}
    assert check_environment(found, Family.VLM_1) == ()
    with pytest.raises(NotInThisFamily) as refused:
        kv_ratio(Family.VLM_2, input_tokens=900, output_tokens=100, image_request_fraction=0.5)
    assert str(refused.value) == (
        "NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN is read by vlm-1 images only, and this is vlm-2; leave the ratio out"
    )
    with pytest.raises(ImpossibleWorkload):
        kv_ratio(Family.VLM_1, input_tokens=900, output_tokens=100, image_request_fraction=0)
