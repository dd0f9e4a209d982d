"""Profile names: every form parses into its parts and prints back exactly; what is no name is refused at its column."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.name import BadProfileName, ProfileName

DATA = Path(__file__).parents[1] / "data" / "profile_names.json"
ROWS: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))  # Any: JSON
HASH = "35ff79694b241ad9598afd3b69727121b5678b417fb17ce7ef84b241388e9c2e"

FORMS: dict[str, dict[str, str]] = {
    # LLM 1.0 to 1.2
    "vllm-fp16-tp16": {"llm_engine": "vllm", "precision": "fp16", "tp": "16"},
    "tensorrt_llm-L40S-fp16-tp1-throughput-lora": {
        "llm_engine": "tensorrt_llm",
        "gpu": "l40s",
        "precision": "fp16",
        "tp": "1",
        "profile": "throughput",
        "feat_lora": "true",
    },
    "tensorrt_llm-A100_SXM4_40GB-bf16-tp4-latency": {
        "llm_engine": "tensorrt_llm",
        "gpu": "a100_sxm4_40gb",
        "precision": "bf16",
        "tp": "4",
        "profile": "latency",
    },
    # 1.3 to 1.10
    "tensorrt_llm-trtllm_buildable-int8-tp8-pp2-lora": {
        "llm_engine": "tensorrt_llm",
        "trtllm_buildable": "true",
        "precision": "int8",
        "tp": "8",
        "pp": "2",
        "feat_lora": "true",
    },
    "sglang-gh200_144gb-fp8-tp12-pp10": {
        "llm_engine": "sglang",
        "gpu": "gh200_144gb",
        "precision": "fp8",
        "tp": "12",
        "pp": "10",
    },
    "tensorrt_llm-h20-w4a16-tp1-pp1-throughput-lora-lora": {
        "llm_engine": "tensorrt_llm",
        "gpu": "h20",
        "precision": "w4a16",
        "tp": "1",
        "pp": "1",
        "profile": "throughput-lora",
        "feat_lora": "true",
    },
    # 1.1x
    f"vllm-bf16-tp1-pp1-lora-32-{HASH}": {
        "llm_engine": "vllm",
        "precision": "bf16",
        "tp": "1",
        "pp": "1",
        "feat_lora": "true",
        "feat_lora_max_rank": "32",
        "nim_workspace_hash_v1": HASH,
    },
    f"vllm-nvfp4-tp1-pp1-2e12:10de-{HASH}": {
        "llm_engine": "vllm",
        "precision": "nvfp4",
        "tp": "1",
        "pp": "1",
        "gpu_device": "2e12:10de",
        "nim_workspace_hash_v1": HASH,
    },
    f"tensorrt_llm-x900_ultra-fp8-tp2-pp1-latency-2BB5:10de-{HASH}-16": {
        "llm_engine": "tensorrt_llm",
        "gpu": "x900_ultra",
        "precision": "fp8",
        "tp": "2",
        "pp": "1",
        "profile": "latency",
        "gpu_device": "2bb5:10de",
        "nim_workspace_hash_v1": HASH,
        "number_of_gpus": "16",
    },
    "sglang": {"llm_engine": "sglang"},
    # 2.x
    "vllm-nvidia-h200-fp8-tp1-pp1-feat_lora-142.5": {
        "llm_engine": "vllm",
        "gpu": "nvidia-h200",
        "precision": "fp8",
        "tp": "1",
        "pp": "1",
        "feat_lora": "true",
        "min_vram_per_device_gb": "142.5",
    },
    "vllm-nvidia-rtx-pro-6000-blackwell-server-edition-mxfp4-tp2-pp1-8.0": {
        "llm_engine": "vllm",
        "gpu": "nvidia-rtx-pro-6000-blackwell-server-edition",
        "precision": "mxfp4",
        "tp": "2",
        "pp": "1",
        "min_vram_per_device_gb": "8.0",
    },
    "vllm-dgx-spark-nvfp4-tp1-pp1-throughput": {
        "llm_engine": "vllm",
        "gpu": "dgx-spark",
        "precision": "nvfp4",
        "tp": "1",
        "pp": "1",
        "profile": "throughput",
    },
    "trtllm-fp8-tp8-pp1-lora": {
        "llm_engine": "tensorrt_llm",
        "precision": "fp8",
        "tp": "8",
        "pp": "1",
        "feat_lora": "true",
    },
    "sglang-tp2-pp4": {"llm_engine": "sglang", "tp": "2", "pp": "4"},
    "vllm-h100-tp2-pp1": {"llm_engine": "vllm", "gpu": "h100", "tp": "2", "pp": "1"},
    # early VLM
    "x900pcie-fp16-tp1-throughput": {"gpu": "x900pcie", "precision": "fp16", "tp": "1", "profile": "throughput"},
    # others
    "(type=bert)": {"type": "bert"},
    "- mode:all|gpu_device:20b2:10de": {"mode": "all", "gpu_device": "20b2:10de"},
    '{\'tp\': 2, "name": "it\'s"}': {"tp": "2", "name": "it's"},
}


@pytest.mark.parametrize(("text", "tags"), FORMS.items())
def test_a_form_of_the_grammar_gives_the_tags_it_spells_and_prints_back(text: str, tags: dict[str, str]) -> None:
    name = ProfileName.parse(text)
    assert (name.tags(), name.free_form, str(name)) == (tags, None, text)


@pytest.mark.parametrize("text", sorted({row["name"] for row in ROWS if row["name"]}))
def test_every_known_name_prints_back_and_none_is_free_form(text: str) -> None:
    name = ProfileName.parse(text)
    assert (str(name), name.free_form) == (text, None)


def test_a_container_prints_the_name_that_follows_from_the_tags() -> None:
    printed = [
        (row["name"], str(ProfileName.from_tags(row["tags_derived"])))
        for row in ROWS
        if row["form"] == "list-model-profiles" and "llm_engine" in (row.get("tags_derived") or {})
    ]
    assert len(printed) == 37
    assert [pair for pair in printed if pair[0] != pair[1]] == []


def test_the_parts_are_typed() -> None:
    name = ProfileName.parse(f"tensorrt_llm-h100_nvl-fp8-tp2-pp1-throughput-lora-lora-2321:10de-{HASH}-4")
    assert name == ProfileName(
        engine="tensorrt_llm",
        gpu="h100_nvl",
        precision="fp8",
        tensor_parallel=2,
        pipeline_parallel=1,
        optimisation="throughput",
        lora_words="lora-lora",
        gpu_device="2321:10de",
        workspace_hash=HASH,
        number_of_gpus=4,
    )
    assert (name.lora, name.buildable) == (True, False)
    assert ProfileName.parse("vllm-bf16-tp1-pp1-33.0").min_vram_gb == 33.0
    assert ProfileName.parse("tensorrt_llm-local_build-bf16-tp1-pp1").buildable


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("vllm-nvfp4-tp2-pp1-fallback-1-48gib", {"llm_engine": "vllm", "precision": "nvfp4", "tp": "2", "pp": "1"}),
        ("vllm-nvfp4-tp1-pp1-b200-throughput", {"llm_engine": "vllm", "precision": "nvfp4", "tp": "1", "pp": "1"}),
        ("vllm-bf16-tp1-pp1-33", {"llm_engine": "vllm", "precision": "bf16", "tp": "1", "pp": "1"}),
        ("vlmm-bf16-tp1-pp1", {"precision": "bf16", "tp": "1", "pp": "1"}),
        ("default", {}),
    ],
)
def test_a_free_form_name_says_so_and_spells_only_what_is_beyond_doubt(text: str, spelled: dict[str, str]) -> None:
    name = ProfileName.parse(text)
    assert (name.free_form, name.tags(), str(name)) == (text, spelled, text)


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("", 0, "it is empty"),
        (HASH, 0, "this is a profile id, not a name"),
        (f"{HASH} (vllm)", 64, "no name has the character ' ' (an id with its name behind it? Give one of the two)"),
        ("vllm-bf16--tp1", 10, "nothing stands between two hyphens or at the end"),
        ("vllm-bf16-tp0-pp1", 10, "'tp0' is not tp<N>: lower case, 1 to 9999, no leading zero"),
        ("vllm-bf16-tp1-PP1", 14, "'PP1' is not pp<N>: lower case, 1 to 9999, no leading zero"),
        ("vllm-bf16-pp1-tp1", 14, "tensor parallelism 'tp1' stands after pipeline parallelism 'pp1'"),
        ("vllm-bf16-tp1-tp2", 14, "tensor parallelism stands here twice, 'tp1' and 'tp2'"),
        ("vllm-bf16-tp1-34.0-feat_lora", 19, "a LoRA word 'feat_lora' stands after the minimum memory '34.0'"),
        ("VLLM-bf16-tp1", 0, "the engine is written 'vllm', not 'VLLM'"),
        (
            f"vllm-bf16-tp1-pp1-{HASH[:63]}",
            18,
            "a workspace hash has 64 lower-case hex characters, this has 63 characters",
        ),
        ("vllm-bf16-tp1-pp1-b84343...9d46", 24, "it is cut short here; give the whole name, or the id"),
        ("mode:all|tp:two", 9, "tp is 'two', which is no such number"),
        ("v" * 5000, 4096, "it has 5000 characters, names have at most 4096"),
    ],
)
def test_a_refusal_points_at_the_part_that_is_wrong(text: str, column: int, why: str) -> None:
    with pytest.raises(BadProfileName) as refused:
        ProfileName.parse(text)
    assert (refused.value.column, refused.value.why) == (column, why)


def test_a_refusal_shows_the_name_with_a_mark_under_the_part() -> None:
    with pytest.raises(BadProfileName) as refused:
        ProfileName.parse("vllm-bf16-pp1-tp1")
    assert str(refused.value).splitlines()[1:] == ["  vllm-bf16-pp1-tp1", "                ^"]


HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
WHOLE = st.integers(1, 9999)
PRECISION = st.sampled_from(["fp16", "bf16", "fp8", "mxfp4", "nvfp4", "int4", "int8", "w4a16", "fp8_e4m3", "fp32"])
GPU = st.sampled_from(["a100", "H100_NVL", "l40s", "nvidia-h200", "dgx-spark", "rtx6000_blackwell_sv", "zx1_sv"])
PLACE: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({}),
    st.fixed_dictionaries({"gpu": GPU}),
    st.fixed_dictionaries({"build_word": st.sampled_from(["trtllm_buildable", "local_build"])}),
)
LORA: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({}),
    st.fixed_dictionaries({"lora_words": st.sampled_from(["lora", "feat_lora", "lora-lora", "lora-feat_lora"])}),
    st.fixed_dictionaries({"lora_words": st.sampled_from(["lora", "lora-lora"]), "lora_max_rank": WHOLE}),
)
SUFFIX = st.one_of(
    st.fixed_dictionaries({}, optional={"gpu_device": st.just("2321:10de"), "workspace_hash": HEX}),
    st.fixed_dictionaries(
        {"workspace_hash": HEX, "number_of_gpus": WHOLE}, optional={"gpu_device": st.just("2901:10de")}
    ),
    st.fixed_dictionaries({"min_vram_gb": st.integers(1, 9999).map(lambda tenths: tenths / 10)}),
)
CORE = st.fixed_dictionaries(
    {"engine": st.sampled_from(["vllm", "tensorrt_llm", "sglang", "trtllm"]), "precision": PRECISION},
    optional={
        "tensor_parallel": WHOLE,
        "pipeline_parallel": WHOLE,
        "optimisation": st.sampled_from(["latency", "throughput"]),
    },
)


@given(CORE, PLACE, LORA, SUFFIX)
def test_what_is_printed_parses_into_the_same_parts(
    core: dict[str, Any], place: dict[str, Any], lora: dict[str, Any], suffix: dict[str, Any]
) -> None:
    name = ProfileName(**(core | place | lora | suffix))
    assert ProfileName.parse(str(name)) == name


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["vllm", "tp1", "pp1", "lora", "32", "3.0", HASH, "a:b", "h100", "", "x"])).map("-".join)
)
def test_any_text_prints_back_or_is_refused_with_its_column(text: str) -> None:
    try:
        printed = str(ProfileName.parse(text))
    except BadProfileName as error:
        printed = text if 0 <= error.column <= len(text) else "no column of the text"
    assert printed == text
