"""What is wrong with an environment: every rule with its whole text, and the laws that hold for all of them."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.nim_env import Family, Level, Surroundings, all_variables, check_environment, variables
from nim_profiles.profile import Profile

L1, L2, V1, VARIANT = Family.LLM_1, Family.LLM_2, Family.VLM_1, Family.VARIANT
ID = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
PRIVACY = (
    "what users write, personal data and all, then goes to the container's log and to whatever collects it, where "
    "everybody who may read logs can read it"
)
OFF = "remove it, or allow request logging for this endpoint"
SECRET = "(not shown); keep it in a Secret and let the container read it by reference"


def profile(name: str, **tags: str) -> Profile:
    return Profile(id=ID, name=name, tags={"llm_engine": "vllm", "tp": "1", "pp": "1", "feat_lora": "false", **tags})


PLAIN = profile("vllm-fp8-tp1-pp1-27.0")
LORA = profile("vllm-fp8-tp1-pp1-feat_lora-34.0", feat_lora="true")
MULTI_LLM = Profile(id=ID, name="vllm", tags={"llm_engine": "vllm"})
SGLANG = profile("sglang-h100-bf16-tp8-pp2", llm_engine="sglang", tp="8", pp="2")
EXACT = Surroundings(vllm_version="0.32.0")


def told(env: Mapping[str, str], family: Family, around: Surroundings | None = None) -> list[str]:
    findings = check_environment(env, family, around or Surroundings())
    return [f"{one.level}: {one}" for one in findings]


GOOD = [
    ({}, L1, None),
    ({"NIM_LOG_LEVEL": "TRACE", "NIM_JSONL_LOGGING": "1", "NIM_MAX_MODEL_LEN": "4096"}, L1, None),
    ({"NIM_LOG_LEVEL": "INFO", "NIM_JSONL_LOGGING": "true", "NIM_GPU_MEM_FRACTION": ".85"}, L2, None),
    ({"NIM_MODEL_PROFILE": ID}, L2, None),
    ({"NIM_MODEL_PROFILE": "default"}, V1, None),
    ({"NIM_MODEL_PROFILE": "vllm-fp8-tp1-pp1-27.0"}, L2, None),
    ({"NIM_SERVER_PORT": "9000"}, L2, Surroundings(service_port=9000)),
    ({"NIM_PEFT_SOURCE": "/adapters", "NIM_PEFT_REFRESH_INTERVAL": "600"}, L1, Surroundings(profile=LORA)),
    ({}, L2, Surroundings(profile=LORA, written=frozenset({"NIM_PEFT_SOURCE"}))),
    ({"NIM_MANIFEST_ALLOW_UNSAFE": "1"}, L1, Surroundings(unsafe_reason="trial on an L40, ticket 12")),
    ({"NIM_DISABLE_LOG_REQUESTS": "1"}, L1, None),
    ({"NIM_PASSTHROUGH_ARGS": "--max-num-seqs 64 --no-enable-log-requests --seed=1"}, L2, EXACT),
    ({"NIM_PASSTHROUGH_ARGS": "--tensor-parallel-size 1"}, L2, Surroundings(profile=PLAIN)),
    ({"NIM_PASSTHROUGH_ARGS": "--mem-fraction-static 0.8"}, L2, Surroundings(profile=SGLANG)),
    ({"NIM_TENSOR_PARALLEL_SIZE": "8"}, L2, Surroundings(profile=SGLANG)),
    ({"NGC_CLI_API_KEY": "$(NGC_API_KEY)", "NIM_SERVER_PORT": "$(PORT)"}, L2, Surroundings(service_port=8000)),
    ({"NCCL_DEBUG": "INFO", "VLLM_ATTENTION_BACKEND": "FLASHINFER", "MASTER_ADDR": "10.0.0.1"}, L2, None),
    ({"NIM_REPOSITORY_OVERRIDE": "s3://bucket/", "AWS_REGION": "eu-west-1"}, L1, None),
    ({"NIM_SSL_MODE": "TLS", "NIM_SSL_KEY_PATH": "/tls/key", "NIM_SSL_CERTS_PATH": "/tls/crt"}, L2, None),
    ({"NIM_TAGS_SELECTOR": "precision=fp8,tp=1"}, L2, None),
    ({}, VARIANT, Surroundings(profile=LORA)),
    ({"NIM_TENSOR_PARALLEL_SIZE": "4"}, L1, Surroundings(profile=MULTI_LLM)),
    ({"NIM_KV_CACHE_PERCENT": "0.8"}, L2, Surroundings(profile=SGLANG)),
    ({"NIM_KV_CACHE_PERCENT": "0.8"}, L2, Surroundings(profile=Profile(id=ID, name="free", tags={}))),
    ({"NIM_NUM_COMPUTE_NODES": "2"}, L2, None),
    ({"NIM_JSONL_LOGGING": "1", "NIM_NUM_COMPUTE_NODES": "2"}, L1, None),
    ({"NIM_NUM_KV_CACHE_SEQ_LENS": "1.0", "NIM_RELAX_MEM_CONSTRAINTS": "1"}, L1, None),
    ({"NIM_PASSTHROUGH_ARGS": "--no-enable-lora"}, L2, Surroundings(profile=PLAIN)),
    ({"NIM_PASSTHROUGH_ARGS": "--enable-lora"}, L2, None),
    ({"NIM_PASSTHROUGH_ARGS": "--enable-lora", "NIM_PEFT_SOURCE": "/a"}, L2, Surroundings(profile=LORA)),
    (
        {
            "NIM_GUIDED_DECODING_BACKEND": "ours",
            "NIM_CUSTOM_GUIDED_DECODING_BACKENDS": "/backends",
            "NIM_TRUST_CUSTOM_CODE": "1",
        },
        L1,
        None,
    ),
]


@pytest.mark.parametrize(("env", "family", "around"), GOOD)
def test_what_is_right_passes_without_a_word(env: dict[str, str], family: Family, around: Surroundings | None) -> None:
    assert told(env, family, around) == []


WRONG_VALUES = [
    (L2, "NIM_LOG_LEVEL", "info", "is 'info'; write INFO"),
    (L2, "NIM_LOG_LEVEL", "TRACE", "is 'TRACE'; write one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
    (L1, "NIM_JSONL_LOGGING", "true", "is 'true'; write 0 or 1"),
    (L2, "NIM_JSONL_LOGGING", "yes", "is 'yes'; write 0 or 1 (2.x and variants: true or false too)"),
    (L1, "NIM_KVCACHE_PERCENT", "90", "is '90'; write a number from 0 to 1"),
    (L1, "NIM_MAX_MODEL_LEN", "4k", "is '4k'; write a whole number of at least 1"),
    (L1, "NIM_MAX_MODEL_LEN", "1_000", "is '1_000'; write a whole number of at least 1"),
    (L1, "NIM_SERVER_PORT", "70000", "is '70000'; write a whole number from 1 to 65535"),
    (L1, "NIM_CACHE_PATH", "cache", "is 'cache'; write an absolute path in the container"),
    (L1, "NIM_SERVED_MODEL_NAME", "", "is empty; write a text, or remove it"),
    (
        L2,
        "NIM_MODEL_PROFILE",
        f"{ID} (vllm-fp8-tp1-pp1-27.0)",
        f"is '{ID} (vllm-fp8-tp1-pp1-27.0)'; write a 64-digit id, a full profile name, or default",
    ),
    (L2, "NIM_MODEL_PROFILE", ID[:63], f"is '{ID[:63]}'; write a 64-digit id, a full profile name, or default"),
    (L2, "NIM_TAGS_SELECTOR", "fp8", "is 'fp8'; write tag=value pairs with commas between them"),
    (
        L2,
        "NIM_MODEL_PATH",
        "org/model",
        "is 'org/model'; write something that begins with hf:// or ngc:// or modelscope:// or /",
    ),
]


@pytest.mark.parametrize(("family", "name", "value", "problem"), WRONG_VALUES)
def test_a_wrong_value_is_refused_with_the_right_ones(family: Family, name: str, value: str, problem: str) -> None:
    assert told({name: value}, family) == [f"refuse: {name} {problem}"]


STRAY = [
    (
        L2,
        "NIM_MODEL_PROFIL",
        "warn",
        "is no variable that llm-2 images are known to read; did you mean NIM_MODEL_PROFILE?",
    ),
    (L2, "FOO", "warn", "is no variable that llm-2 images are known to read; check its spelling, or remove it"),
    (
        L2,
        "NIM_KVCACHE_PERCENT",
        "warn",
        "is read by llm-1, vlm-1, variant images, not by llm-2 ones; use NIM_GPU_MEM_FRACTION",
    ),
    (
        L2,
        "NIM_MAX_GPU_LORAS",
        "warn",
        "is read by llm-1 images, not by llm-2 ones; write --max-loras into NIM_PASSTHROUGH_ARGS",
    ),
    (L1, "NIM_MODEL_PATH", "warn", "is read by llm-2, vlm-2 images, not by llm-1 ones; use NIM_MODEL_NAME"),
    (L1, "NIM_HTTP_API_PORT", "warn", "is read by other kinds of NIM, not by llm-1 ones; use NIM_SERVER_PORT"),
    (
        L1,
        "NIM_TRITON_LOG_VERBOSE",
        "warn",
        "is read by other kinds of NIM, not by llm-1 ones; remove it, or try it on the image first",
    ),
    (
        VARIANT,
        "NIM_PEFT_SOURCE",
        "warn",
        "is read by llm-1, llm-2, vlm-2 images, and not by most variant ones; remove it, or try it on the image first",
    ),
    (
        L1,
        "NIM_PASSTHROUGH_ARGS",
        "refuse",
        "is ignored by llm-1 images: NIM 1.x takes no arguments of vLLM; set what you need by variables "
        "such as NIM_MAX_MODEL_LEN, or use a 2.x image",
    ),
    (
        L2,
        "NIM_MAX_NUM_BATCHED_TOKENS",
        "refuse",
        "is an argument of vLLM, which is not read here; write --max-num-batched-tokens into NIM_PASSTHROUGH_ARGS",
    ),
    (L2, "SEED", "warn", "is no variable that llm-2 images are known to read; check its spelling, or remove it"),
    (
        L2,
        "VLLM_SEED",
        "refuse",
        "is an argument of vLLM, which is not read here; write --seed into NIM_PASSTHROUGH_ARGS",
    ),
    (L2, "max-model-len", "refuse", "is an argument of vLLM, which is not read here; use NIM_MAX_MODEL_LEN"),
    (L2, "VLLM_MAX_MODEL_LEN", "refuse", "is an argument of vLLM, which is not read here; use NIM_MAX_MODEL_LEN"),
    (L2, "--max-model-len", "refuse", "is an argument of vLLM, which is not read here; use NIM_MAX_MODEL_LEN"),
    (L1, "gpu_memory_utilization", "refuse", "is an argument of vLLM, which is not read here; use NIM_KVCACHE_PERCENT"),
    (
        L1,
        "NIM_BLOCK_SIZE",
        "refuse",
        "is an argument of vLLM, which is not read here; llm-1 images have no variable for "
        "--block-size, so use a 2.x image or leave it out",
    ),
]


@pytest.mark.parametrize(("family", "name", "level", "problem"), STRAY)
def test_a_variable_that_is_not_read_is_named_with_what_was_meant(
    family: Family, name: str, level: str, problem: str
) -> None:
    assert told({name: "1"}, family) == [f"{level}: {name} {problem}"]


SECRETS = [
    ("NGC_API_KEY", "nvapi-0123456789abcdef0123", f"is a secret in plain text {SECRET}"),
    ("HF_TOKEN", "x", f"is a secret in plain text {SECRET}"),
    ("AWS_SECRET_ACCESS_KEY", "x", f"is a secret in plain text {SECRET}"),
    ("VLLM_API_KEY", "x", f"is a secret in plain text {SECRET}"),
    ("HTTPS_PROXY", "http://user:pw@proxy:3128", f"has a key or a password in its value {SECRET}"),
    ("NIM_SERVED_MODEL_NAME", "nvapi-0123456789abcdef0123", f"has a key or a password in its value {SECRET}"),
    ("NIM_SERVER_PORT", "hf_0123456789abcdef0123", f"has a key or a password in its value {SECRET}"),
    (
        "NIM_PASSTHROUGH_ARGS",
        "--api-key x",
        f"gives --api-key a value that is, or may hold, a secret {SECRET}",
    ),
    (
        "NIM_PASSTHROUGH_ARGS",
        "--speculative-config '{broken'",
        f"gives --speculative-config a value that is, or may hold, a secret {SECRET}",
    ),
]


@pytest.mark.parametrize(("name", "value", "problem"), SECRETS)
def test_a_secret_is_refused_and_not_shown(name: str, value: str, problem: str) -> None:
    assert told({name: value}, L2, EXACT) == [f"refuse: {name} {problem}"]


LOGGING = [
    (L1, "NIM_DISABLE_LOG_REQUESTS", "0", "is 0"),
    (VARIANT, "NIM_DISABLE_LOG_REQUESTS", "false", "is false"),
    (L2, "NIM_CAPTURE_ENABLE", "true", "is true"),
    (L2, "VLLM_DEBUG_LOG_API_SERVER_RESPONSE", "true", "is true"),
    (L2, "NIM_PASSTHROUGH_ARGS", "--enable-log-requests", "has --enable-log-requests"),
    (L2, "NIM_PASSTHROUGH_ARGS", "--enable_log_outputs", "has --enable-log-outputs"),
]


@pytest.mark.parametrize(("family", "name", "value", "how"), LOGGING)
def test_logging_of_requests_is_refused_unless_allowed_and_then_warned_of(
    family: Family, name: str, value: str, how: str
) -> None:
    assert told({name: value}, family) == [f"refuse: {name} {how}, which can log requests: {PRIVACY}; {OFF}"]
    allowed = Surroundings(request_logging_allowed=True)
    assert told({name: value}, family, allowed) == [
        f"warn: {name} {how}, which can log requests, as allowed: {PRIVACY}"
    ]


def test_what_other_images_read_is_only_told_to_be_unread() -> None:
    for name in ("NIM_CUSTOM_GUIDED_DECODING_BACKENDS", "NIM_NUM_KV_CACHE_SEQ_LENS"):
        assert told({name: "/1"}, L2) == [
            f"warn: {name} is read by llm-1 images, not by llm-2 ones; remove it, or try it on the image first"
        ]


def test_all_faults_are_told_at_once_sorted_by_variable_with_refusals_first() -> None:
    env = {"ZOO": "1", "NIM_SERVER_PORT": "x", "HF_TOKEN": "x", "NIM_PASSTHROUGH_ARGS": "--max-model-lenn 1 --port 1"}
    found = check_environment(env, L2)
    assert [(one.variable, one.level) for one in found] == [
        ("HF_TOKEN", Level.REFUSE),
        ("NIM_PASSTHROUGH_ARGS", Level.REFUSE),
        ("NIM_PASSTHROUGH_ARGS", Level.WARN),
        ("NIM_SERVER_PORT", Level.REFUSE),
        ("ZOO", Level.WARN),
    ]


NAMES = st.sampled_from([*sorted({variable.name for variable in all_variables()}), "FOO", "VLLM_MAX_NUM_SEQS"])
VALUES = st.sampled_from(["0", "1", "true", "info", "/x", "", "--max-model-len 1", "http://u:p@h", "TLS"]) | st.text()
AROUND = st.sampled_from(
    [Surroundings(), EXACT, Surroundings(profile=LORA, service_port=1), Surroundings(profile=SGLANG)]
)


@given(st.dictionaries(NAMES, VALUES, max_size=6), st.sampled_from(Family), AROUND, st.randoms())
def test_order_never_matters_and_nothing_raises(
    env: dict[str, str], family: Family, around: Surroundings, random: object
) -> None:
    shuffled = list(env.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's Random
    assert check_environment(dict(shuffled), family, around) == check_environment(env, family, around)


KEYS = st.text("abcdefghjkmnpqrstvwxyz23456789", min_size=20, max_size=40)
PLACES = ["{}", "nvapi-{}", "http://user:{}@host", "--api-key {}", "--hf-token={}", '--x \'{{"token": "{}"}}\'']


@given(KEYS, st.sampled_from(Family), st.sampled_from(PLACES[1:]), NAMES)
def test_no_finding_ever_shows_a_secret(key: str, family: Family, place: str, name: str) -> None:
    secret_names = {one.name for one in all_variables() if one.secret}
    if place.startswith("--"):
        name = "NIM_PASSTHROUGH_ARGS"
    found = check_environment({name: place.format(key), **dict.fromkeys(secret_names, key)}, family, EXACT)
    assert [str(one) for one in found if key in str(one)] == []
    assert {one.variable for one in found if one.level is Level.REFUSE} >= {*secret_names, name}


@pytest.mark.parametrize("family", Family)
def test_every_variable_of_a_family_is_known_to_it(family: Family) -> None:
    env = dict.fromkeys(variables(family), "x")
    assert [
        str(one) for one in check_environment(env, family) if " not by " in one.problem or "known" in one.problem
    ] == []
