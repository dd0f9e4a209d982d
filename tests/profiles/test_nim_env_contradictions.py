"""Variables that contradict the profile, the program or each other, and what is passed on to vLLM, with whole texts."""

from collections.abc import Mapping

import pytest

from nim_profiles.nim_env import Family, Surroundings, check_environment
from nim_profiles.profile import Profile

L1, L2, V1, VARIANT = Family.LLM_1, Family.LLM_2, Family.VLM_1, Family.VARIANT
ID = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
OLD_VLLM = " (as vLLM 0.32.0 has it; the image's version is not on record)"


def profile(name: str, **tags: str) -> Profile:
    return Profile(id=ID, name=name, tags={"llm_engine": "vllm", "tp": "1", "pp": "1", "feat_lora": "false", **tags})


PLAIN = profile("vllm-fp8-tp1-pp1-27.0")
LORA = profile("vllm-fp8-tp1-pp1-feat_lora-34.0", feat_lora="true")
TENSORRT = profile("tensorrt_llm-h100-fp8-tp1-pp1-throughput", llm_engine="tensorrt_llm")
SGLANG = profile("sglang-h100-bf16-tp8-pp2", llm_engine="sglang", tp="8", pp="2")
EXACT = Surroundings(vllm_version="0.32.0")


def told(env: Mapping[str, str], family: Family, around: Surroundings | None = None) -> list[str]:
    findings = check_environment(env, family, around or Surroundings())
    return [f"{one.level}: {one}" for one in findings]


WITH = Surroundings
CONTRADICTIONS = [
    (
        L2,
        {"NIM_MODEL_PROFILE": ID},
        WITH(written=frozenset({"NIM_MODEL_PROFILE"})),
        "refuse: NIM_MODEL_PROFILE is written by the program itself; remove it, and pin the profile by "
        "the endpoint's own key",
    ),
    (
        L2,
        {"NIM_CACHE_PATH": "/c"},
        WITH(written=frozenset({"NIM_CACHE_PATH"})),
        "refuse: NIM_CACHE_PATH is written by the program itself; remove it",
    ),
    (
        L2,
        {"NIM_SERVER_PORT": "9000"},
        WITH(service_port=8000),
        "refuse: NIM_SERVER_PORT is 9000, but probes and service ask port 8000; write 8000, or move them all together",
    ),
    (
        L2,
        {"NIM_PEFT_SOURCE": "/a"},
        WITH(profile=PLAIN),
        "refuse: NIM_PEFT_SOURCE names adapters, but vllm-fp8-tp1-pp1-27.0 is no LoRA profile; pin the "
        "LoRA profile of this model, or remove it",
    ),
    (
        L2,
        {},
        WITH(profile=LORA),
        "refuse: NIM_PEFT_SOURCE is not set, but vllm-fp8-tp1-pp1-feat_lora-34.0 is a LoRA profile, "
        "which keeps memory for adapters; name the folder of the adapters, or pin the profile without "
        "LoRA",
    ),
    (
        L2,
        {"NIM_PEFT_REFRESH_INTERVAL": "60"},
        WITH(),
        "warn: NIM_PEFT_REFRESH_INTERVAL does nothing without NIM_PEFT_SOURCE; set that too, or remove it",
    ),
    (
        L2,
        {"NIM_TENSOR_PARALLEL_SIZE": "2"},
        WITH(profile=PLAIN),
        "refuse: NIM_TENSOR_PARALLEL_SIZE is 2, but vllm-fp8-tp1-pp1-27.0 has tp 1, and its GPUs are "
        "counted by that; remove it, or pin a profile that is made for it",
    ),
    (
        L1,
        {"NIM_PIPELINE_PARALLEL_SIZE": "1"},
        WITH(profile=SGLANG),
        "refuse: NIM_PIPELINE_PARALLEL_SIZE is 1, but sglang-h100-bf16-tp8-pp2 has pp 2, and its GPUs "
        "are counted by that; remove it, or pin a profile that is made for it",
    ),
    (
        L1,
        {"NIM_ENABLE_KV_CACHE_HOST_OFFLOAD": "1"},
        WITH(profile=PLAIN),
        "warn: NIM_ENABLE_KV_CACHE_HOST_OFFLOAD has an effect on tensorrt_llm only, and "
        "vllm-fp8-tp1-pp1-27.0 runs vllm; remove it",
    ),
    (
        V1,
        {"NIM_MAX_MODEL_LEN": "4096"},
        WITH(profile=TENSORRT),
        "warn: NIM_MAX_MODEL_LEN has an effect on vllm only, and "
        "tensorrt_llm-h100-fp8-tp1-pp1-throughput runs tensorrt_llm; remove it",
    ),
    (
        L1,
        {"NIM_MANIFEST_ALLOW_UNSAFE": "1"},
        WITH(unsafe_reason=" "),
        "refuse: NIM_MANIFEST_ALLOW_UNSAFE lets a profile start that the manifest does not allow; give "
        "the reason with it, or remove it",
    ),
    (
        L2,
        {"NIM_TAGS_SELECTOR": "tp=1"},
        WITH(written=frozenset({"NIM_MODEL_PROFILE"})),
        "warn: NIM_TAGS_SELECTOR does nothing where NIM_MODEL_PROFILE is set; remove it",
    ),
    (
        L2,
        {"NIM_JSONL_LOGGING": "1", "NIM_NUM_COMPUTE_NODES": "2"},
        WITH(),
        "refuse: NIM_JSONL_LOGGING must be off on several nodes: images of 2.x run on Ray there; remove it",
    ),
    (
        L1,
        {"NIM_SSL_MODE": "MTLS"},
        WITH(),
        "refuse: NIM_SSL_MODE is MTLS without NIM_SSL_KEY_PATH and NIM_SSL_CERTS_PATH (or "
        "NIM_SSL_CERT_PATH) and NIM_SSL_CA_CERTS_PATH; set what is missing, or leave TLS off",
    ),
    (
        L2,
        {"NIM_SSL_MODE": "TLS", "NIM_SSL_KEY_PATH": "/k"},
        WITH(),
        "refuse: NIM_SSL_MODE is TLS without NIM_SSL_CERTS_PATH; set what is missing, or leave TLS off",
    ),
    (
        L1,
        {"NIM_NUM_KV_CACHE_SEQ_LENS": "1.0"},
        WITH(),
        "warn: NIM_NUM_KV_CACHE_SEQ_LENS does nothing without NIM_RELAX_MEM_CONSTRAINTS=1; set that too, or remove it",
    ),
    (
        L1,
        {"OTEL_SERVICE_NAME": "chat"},
        WITH(),
        "warn: OTEL_SERVICE_NAME does nothing without NIM_ENABLE_OTEL=1; set that too, or remove it",
    ),
    (
        L1,
        {"NIM_ENABLE_OTEL": "1", "OTEL_TRACES_EXPORTER": "otlp"},
        WITH(),
        "refuse: OTEL_TRACES_EXPORTER is otlp, but nothing says where to; set "
        "OTEL_EXPORTER_OTLP_ENDPOINT to the collector's address",
    ),
    (
        L1,
        {"NIM_GUIDED_DECODING_BACKEND": "ours"},
        WITH(),
        "refuse: NIM_GUIDED_DECODING_BACKEND is 'ours'; write one of xgrammar, outlines, "
        "lm-format-enforcer, llguidance, none, or name the folder of custom ones in "
        "NIM_CUSTOM_GUIDED_DECODING_BACKENDS",
    ),
    (
        L1,
        {"NIM_CUSTOM_GUIDED_DECODING_BACKENDS": "/b"},
        WITH(),
        "refuse: NIM_CUSTOM_GUIDED_DECODING_BACKENDS needs NIM_TRUST_CUSTOM_CODE=1; set that too, or remove it",
    ),
]


@pytest.mark.parametrize(("family", "env", "around", "text"), CONTRADICTIONS)
def test_a_contradiction_is_told_with_both_ways_out(
    family: Family, env: dict[str, str], around: Surroundings, text: str
) -> None:
    assert told(env, family, around) == [text]


ARGUMENTS = [
    (
        "--max-model-lenn 1",
        EXACT,
        "refuse: NIM_PASSTHROUGH_ARGS has a fault: --max-model-lenn is no option of vLLM 0.32.0: did "
        "you mean --max-model-len?",
    ),
    (
        "--max-model-lenn 1",
        WITH(),
        "warn: NIM_PASSTHROUGH_ARGS has a fault: --max-model-lenn is no option of vLLM 0.32.0: did you "
        f"mean --max-model-len?{OLD_VLLM}",
    ),
    (
        "--max-num-seqs many",
        EXACT,
        "refuse: NIM_PASSTHROUGH_ARGS has a fault: --max-num-seqs is 'many': write a whole number",
    ),
    (
        "--max-num-seqs 1 2",
        EXACT,
        "refuse: NIM_PASSTHROUGH_ARGS has 1 word that belongs to no argument; quote values with blanks",
    ),
    (
        "--served-model-name 'a",
        EXACT,
        "refuse: NIM_PASSTHROUGH_ARGS cannot be split like a shell line; close every quote, and put "
        "JSON between single quotes",
    ),
    (
        "-tp 2",
        WITH(profile=PLAIN, vllm_version="0.32.0"),
        "refuse: NIM_PASSTHROUGH_ARGS sets --tensor-parallel-size to 2, but vllm-fp8-tp1-pp1-27.0 has "
        "tp 1, and its GPUs are counted by that; remove it, or pin a profile that is made for it",
    ),
    (
        "--enable-lora",
        WITH(profile=PLAIN),
        "refuse: NIM_PASSTHROUGH_ARGS sets --enable-lora, but vllm-fp8-tp1-pp1-27.0 is no LoRA profile; "
        "remove it, or pin the LoRA profile of this model",
    ),
    (
        "--port 9000",
        WITH(),
        "refuse: NIM_PASSTHROUGH_ARGS sets --port, which moves the engine and not the server; remove it",
    ),
]


@pytest.mark.parametrize(("arguments", "around", "text"), ARGUMENTS)
def test_what_is_passed_on_to_vllm_is_checked_as_vllm_would(arguments: str, around: Surroundings, text: str) -> None:
    assert told({"NIM_PASSTHROUGH_ARGS": arguments}, L2, around) == [text]


def test_of_another_engine_only_the_spelling_goes_unchecked() -> None:
    arguments = "--attention-backend fa3 --tp 4 --log-requests --api-key x --no-such-option"
    assert told({"NIM_PASSTHROUGH_ARGS": arguments}, L2, Surroundings(profile=SGLANG)) == [
        "refuse: NIM_PASSTHROUGH_ARGS gives --api-key a value that is, or may hold, a secret (not shown); keep it in a "
        "Secret and let the container read it by reference",
        "refuse: NIM_PASSTHROUGH_ARGS has --log-requests, which can log requests: what users write, personal data and "
        "all, then goes to the container's log and to whatever collects it, where everybody who may read logs can read "
        "it; remove it, or allow request logging for this endpoint",
        "refuse: NIM_PASSTHROUGH_ARGS sets --tp to 4, but sglang-h100-bf16-tp8-pp2 has tp 8, and its GPUs are counted "
        "by that; remove it, or pin a profile that is made for it",
    ]


def test_a_variable_that_an_argument_overrules_is_warned_of() -> None:
    env = {"NIM_MAX_MODEL_LEN": "4096", "NIM_PASSTHROUGH_ARGS": "--max-model-len 8192"}
    assert told(env, L2) == [
        "warn: NIM_MAX_MODEL_LEN is overruled by --max-model-len in NIM_PASSTHROUGH_ARGS; say it in one place"
    ]


def test_a_variant_that_ignores_arguments_refuses_them_and_any_other_warns() -> None:
    env = {"NIM_PASSTHROUGH_ARGS": "--max-num-seqs 64"}
    assert told(env, VARIANT, Surroundings(repository="nvcr.io/nim/google/gemma-4-31b-it")) == [
        "refuse: NIM_PASSTHROUGH_ARGS is ignored by this image without a word; remove it, or serve the model by an "
        "image of 2.x"
    ]
    assert told(env, VARIANT) == [
        "warn: NIM_PASSTHROUGH_ARGS is ignored by some variant images without a word; see in the log that its "
        "arguments arrived"
    ]
