"""The seven common issues, each from texts that real containers wrote, and from texts that only look like them."""

from typing import Any

import pytest

from nim_launcher.refusal import ExitCode, Fault
from nim_profiles.diagnosis import Diagnosis, Issue, diagnose
from nim_profiles.diagnosis.signs import SIGNS
from nim_profiles.nim_env import Family
from nim_profiles.profile import Profile
from nim_sandbox.stages import FAILURES

FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"
PINNED = Profile(FP8, "vllm-fp8-tp1-pp1-27.0", {"precision": "fp8", "tp": "1", "pp": "1"})
WITH_LORA = Profile(BF16, "vllm-bf16-tp1-pp1-feat_lora-33.0", {"precision": "bf16", "tp": "1", "feat_lora": "true"})

HEALTHY = f"""
INFO 07-31 06:02:40.10 ngc_profile.py:222] Running NIM without LoRA.
INFO 07-31 06:02:40.10 ngc_profile.py:224] Detected 1 compatible profile(s).
Matched profile_id in manifest from env NIM_MODEL_PROFILE to: {FP8}
Using the profile specified by the user
INFO 07-31 06:02:40.11 ngc_injector.py:174] Selected profile: {FP8} (vllm-fp8-tp1-pp1-27.0)
INFO 07-31 06:02:40.26 ngc_injector.py:199] This step might download additional files to run the model.
NIM_TAGS_SELECTOR environment variable is not set.
(APIServer pid=1) WARNING 07-02 21:58:11 [envs.py:2027] Unknown vLLM environment variable detected: VLLM_BUILD_COMMIT
INFO 05-05 [utils.py:233] non-default args: {{'model': '/x', 'max_model_len': 4096, 'enforce_eager': True}}
Loading safetensors checkpoint shards: 100% Completed | 4/4 [00:02<00:00]
WARNING  kubelet  Startup probe failed: HTTP probe failed with statuscode: 503
"""
"""Of a container that came up: each issue's neighbour is in it."""
RUNS_OUT = (
    "ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, "
    "which is larger than the available KV cache memory (0.71 GiB). Based on the available memory, the estimated "
    "maximum model length is 5632. Try increasing `gpu_memory_utilization` or decreasing `max_model_len`."
)


def only(text: str, **known: Any) -> Diagnosis:  # Any: the keywords of `diagnose`
    (found,) = diagnose(text, **known)
    return found


def launcher(code: ExitCode, line: str) -> str:
    return f"nim-launcher: {Fault(code, line)}"


def test_a_healthy_log_shows_no_issue() -> None:
    assert diagnose(HEALTHY, family=Family.LLM_1, profile=PINNED, settings={"--max-model-len": "4096"}) == ()
    assert diagnose("") == ()


@pytest.mark.parametrize(
    ("text", "issue", "advice"),
    [
        (str(FAILURES["no-compatible-profile"]["message"]), Issue.NO_COMPATIBLE_PROFILE, "pin a profile that runs on"),
        ("Could not match a profile in manifest", Issue.NO_COMPATIBLE_PROFILE, "pin a profile that runs on"),
        (
            launcher(ExitCode.PROFILE, "no profile runs here: vllm-fp8-tp1: needs 8.9. Pin one that does"),
            Issue.NO_COMPATIBLE_PROFILE,
            "pin a profile that runs on",
        ),
        (
            launcher(ExitCode.COMPUTE_CAPABILITY, "fp8 needs compute capability 8.9, GPU 0 (NVIDIA-A100) has 8.0"),
            Issue.NO_COMPATIBLE_PROFILE,
            "choose a pool of other nodes",
        ),
        (
            "Model download failed: Environment variable NIM_MODEL_PROFILE is set to vllm-fp8-tp1 but no matching "
            "profile_id or profile description is found in manifest.",
            Issue.PROFILE_NOT_FOUND,
            "write under profile the bare id",
        ),
        (
            "Error: Not all of the provided profiles are supported. Unknown profiles provided: {'default'}",
            Issue.PROFILE_NOT_FOUND,
            "not default",
        ),
        (
            launcher(ExitCode.PROFILE, "no profile has the id or the name 'x'. The manifest has: y"),
            Issue.PROFILE_NOT_FOUND,
            "the manifest that was locked",
        ),
        (str(FAILURES["out-of-memory"]["message"]), Issue.OUT_OF_MEMORY, "write max_model_len: 4096 under settings"),
        (RUNS_OUT, Issue.OUT_OF_MEMORY, "write max_model_len: 5632 under settings"),
        (
            "The model's max seq len (29000) is larger than the maximum number of tokens that can be stored in KV "
            "cache (23648). Try increasing `gpu_memory_utilization` or decreasing `max_model_len`",
            Issue.OUT_OF_MEMORY,
            "write max_model_len: 23648 under settings",
        ),
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
            Issue.OUT_OF_MEMORY,
            "a smaller max_model_len (or max_num_seqs)",
        ),
        (
            "ValueError: Free memory on device cuda:0 (12.18/23.56 GiB) on startup is less than desired GPU memory "
            "utilization (0.92, 21.67 GiB). Decrease GPU memory utilization",
            Issue.OUT_OF_MEMORY,
            "a lower gpu_memory_utilization",
        ),
        (
            launcher(ExitCode.GPU_MEMORY, "vllm-bf16-tp1 needs 33 GB (GPU 0). Set --max-model-len or a larger GPU"),
            Issue.OUT_OF_MEMORY,
            "a smaller max_model_len",
        ),
        (
            "ValueError: Available memory on node 0 (0.41/1.00 GiB) on kv cache allocation is less than requested "
            "memory for kv (2.00 GiB). Decrease --kv-cache-memory-bytes",
            Issue.OUT_OF_MEMORY,
            "say by --kv-cache-memory-bytes under args",
        ),
        ("exit 137, OOMKilled", Issue.OUT_OF_MEMORY, "raise processors.memory_gib of its pool"),
        ("ValueError: LoRA rank 32 is greater than max_lora_rank 16.", Issue.LORA, "write max_rank: 32 or more"),
        (
            launcher(ExitCode.SETTING, "NIM_PEFT_SOURCE is '/a': no folder in it has an adapter_config.json"),
            Issue.LORA,
            "let lora.source name the volume",
        ),
        (
            "Normal Killing Container nim failed startup probe, will be restarted",
            Issue.SLOW_START,
            "raise start_up.fixed_seconds",
        ),
        (
            "nim-launcher: note: NIM_LOW_MEMORY_MODE does nothing in this launcher",
            Issue.IGNORED_ARGUMENT,
            "take NIM_LOW_MEMORY_MODE out of env",
        ),
        (
            "WARNING 04-21 12:32:10 [envs.py:1744] Unknown vLLM environment variable detected: VLLM_USE_V1",
            Issue.IGNORED_ARGUMENT,
            "take VLLM_USE_V1 out of env",
        ),
        (
            "GPU memory in use (free=0.91): clamping gpu_memory_utilization 0.92 -> 0.86",
            Issue.IGNORED_ARGUMENT,
            "write 0.86 under settings.gpu_memory_utilization",
        ),
    ],
)
def test_an_issue_is_recognised_and_its_line_quoted(text: str, issue: Issue, advice: str) -> None:
    found = only(f"INFO: something before\n{text}\nINFO: something after")
    assert found.issue is issue
    assert found.seen.rstrip("…") in text
    assert advice in found.advice


@pytest.mark.parametrize(
    "text",
    [
        "Detected 10 compatible profile(s).",
        "nim-launcher: [weights, exit 73] /x lacks 1 of 12 files: a. Run download-to-cache --profile y first",
        "INFO Maximum concurrency for 8192 tokens per request: 3.81x",
        "INFO [gpu_worker.py:298] Available KV cache memory: 16.69 GiB",
        "WARNING profile_utils.py:881] Profile 0ba475f31abaf799 supports LoRA, but LoRA is disabled. Skipping profile.",
        "Startup probe failed: HTTP probe failed with statuscode: 503",
        f"Matched profile_id in manifest from LLMBasedProfileSelector {BF16} with tags: {{}}",
        "Unknown vLLM environment variable detected: VLLM_IMAGE_TAG",
        "nim-launcher: note: serves /x, which nobody checks to be the weights of vllm-fp8-tp1",
    ],
)
def test_what_only_looks_like_an_issue_is_none(text: str) -> None:
    assert diagnose(text) == ()


def test_a_container_that_chose_another_profile_than_the_pinned_one() -> None:
    log = f"Using the profile selected by the profile selector: {BF16}"
    found = only(log, profile=PINNED)
    assert found == Diagnosis(Issue.WRONG_PROFILE, log, f"write profile: {FP8}, and leave NIM_TAGS_SELECTOR out of env")
    assert diagnose(log.replace(BF16, FP8), profile=PINNED) == ()


@pytest.mark.parametrize(("banner", "issues"), [("fp8", []), ("bf16", [Issue.WRONG_PROFILE])])
def test_the_banner_of_2x_gives_the_precision_away(banner: str, issues: list[Issue]) -> None:
    log = f"Starting vLLM v0.21.0\nModel: meta/llama\nPrecision: {banner}\nTP/PP: 1/1\nPort: 8000"
    assert [one.issue for one in diagnose(log, profile=PINNED)] == issues


def test_the_banner_of_2x_gives_the_number_of_gpus_away() -> None:
    assert only("Precision: fp8\nTP/PP: 2/1", profile=PINNED).seen == "TP/PP: 2/1"


def test_lora_that_is_off_is_an_issue_of_a_lora_profile_only() -> None:
    log = "ngc_profile.py:222] Running NIM without LoRA. Only looking for compatible profiles that do not support LoRA."
    found = only(log, profile=WITH_LORA)
    assert found.issue is Issue.LORA
    assert "give its adapters under lora" in found.advice
    assert diagnose(log, profile=PINNED) == ()


@pytest.mark.parametrize(
    ("exit_code", "issues"), [(137, [Issue.SLOW_START]), (143, [Issue.SLOW_START]), (1, []), (None, [])]
)
def test_a_start_that_somebody_ended_was_too_slow(exit_code: int | None, issues: list[Issue]) -> None:
    log = "Loading safetensors checkpoint shards:  25% Completed | 1/4 [00:40<02:00]"
    assert [one.issue for one in diagnose(log, exit_code=exit_code)] == issues


def test_an_engine_that_is_compiled_at_every_start_is_too_slow_of_itself() -> None:
    log = f"Selected profile: {BF16} (tensorrt_llm-trtllm_buildable-bf16-tp1-pp1)"
    assert "pin a vllm profile, which is not compiled" in only(log, exit_code=137).advice


def test_what_ended_for_its_memory_was_not_slow() -> None:
    log = f"Loading checkpoint shards: 1/4\n{RUNS_OUT}"
    assert only(log, exit_code=137).issue is Issue.OUT_OF_MEMORY


@pytest.mark.parametrize(
    ("dump", "told"),
    [
        ("{'model': '/x', 'max_model_len': 131072}", "--max-model-len was asked for as 4096 and vLLM has 131072"),
        ("{'model': '/x'}", "--max-model-len was asked for as 4096 and vLLM has nothing"),
    ],
)
def test_a_setting_that_did_not_reach_vllm_is_told(dump: str, told: str) -> None:
    wanted = {"--max-num-seqs": "256", "--max-model-len": "4096"}
    found = only(f"INFO [utils.py:233] non-default args: {dump}", settings=wanted)
    assert found.issue is Issue.IGNORED_ARGUMENT
    assert found.advice.startswith(told)


def test_families_have_advice_of_their_own() -> None:
    incompatible, too_large = (str(FAILURES[name]["message"]) for name in ("no-compatible-profile", "out-of-memory"))
    assert only(incompatible, family=Family.LLM_1).advice.endswith("makes every profile incompatible")
    assert only(too_large, family=Family.VARIANT).advice.endswith("only larger GPUs or another image help")
    assert only(too_large, family=Family.LLM_2).advice == "write max_model_len: 4096 under settings"


def test_several_issues_are_told_each_once_in_their_order() -> None:
    unknown = "Unknown vLLM environment variable detected: VLLM_"
    log = f"{unknown}A\n{unknown}B\nCUDA out of memory\n{RUNS_OUT}"
    found = diagnose(log)
    assert [one.issue for one in found] == [Issue.OUT_OF_MEMORY, Issue.IGNORED_ARGUMENT]
    assert "5632" in found[0].advice
    assert "VLLM_A" in found[1].advice


def test_every_sign_says_where_its_text_was_seen() -> None:
    assert {issue for issue in Issue if not any(sign.issue is issue for sign in SIGNS)} == {Issue.WRONG_PROFILE}
    assert all(sign.source for sign in SIGNS)


def test_no_diagnosis_shows_a_secret() -> None:
    log = f"NGC_API_KEY=made-up-key-1 {RUNS_OUT[:60]} CUDA out of memory"
    assert "made-up-key-1" not in str(only(log))
