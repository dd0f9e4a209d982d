import json
from pathlib import Path

import pytest

from nim_launcher.engine import Engine
from nim_launcher.plan import Settings, length_hint, settle, start_plan
from nim_launcher.refusal import ExitCode, Refused
from nim_profiles.manifest import Manifest
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import options_for
from tests.launcher.samples import profile

MANIFEST = Manifest("2.1", "meta/llama-3.1-8b-instruct", "2.0.6", ())
SERVE = Engine("0.32.0", ("/usr/bin/vllm", "serve"), positional_model=True)
MODULE = Engine("0.32.0", ("/usr/bin/python3", "-m", "api"), positional_model=False)


def settled(*arguments: str, of: Profile | None = None, version: str = "0.32.0", **environ: str) -> Settings:
    return settle(of or profile(), MANIFEST, environ, arguments, options_for(version))


def refusal(*arguments: str, of: Profile | None = None, **environ: str) -> list[tuple[ExitCode, str]]:
    with pytest.raises(Refused) as refused:
        settled(*arguments, of=of, **environ)
    return [(fault.code, fault.line) for fault in refused.value.faults]


def origin(settings: Settings, name: str) -> tuple[str, str]:
    (row,) = (row for row in settings.rows if row.setting.name == name)
    return row.value, row.origin


def test_a_profile_says_parallelism_precision_and_name() -> None:
    plain = settled(of=profile(tp="4", pp="2", precision="fp16"))
    assert origin(plain, "--tensor-parallel-size") == ("4", "profile")
    assert origin(plain, "--pipeline-parallel-size") == ("2", "profile")
    assert origin(plain, "--dtype") == ("float16", "profile")
    assert origin(plain, "--served-model-name") == ("meta/llama-3.1-8b-instruct", "profile")


def test_a_quantized_profile_leaves_the_type_to_the_weights() -> None:
    assert settled(of=profile(precision="fp8")).value("--dtype") is None


def test_a_lora_profile_enables_lora_with_its_rank() -> None:
    lora = settled(of=profile(feat_lora="true", feat_lora_max_rank="32"))
    assert origin(lora, "--enable-lora") == ("on", "profile")
    assert origin(lora, "--max-lora-rank") == ("32", "profile")


def test_options_in_a_tag_are_the_profiles() -> None:
    tagged = profile(
        nim_json_args='{"max_model_len": 4096, "enforce_eager": true, "limit_mm_per_prompt": {"image": 1}}'
    )
    found = settled(of=tagged)
    assert origin(found, "--max-model-len") == ("4096", "profile")
    assert origin(found, "--enforce-eager") == ("on", "profile")
    assert origin(found, "--limit-mm-per-prompt") == ('{"image": 1}', "profile")


def test_a_tag_that_is_no_object_is_the_manifests_fault() -> None:
    assert refusal(of=profile(nim_json_args="[1]"))[0][0] is ExitCode.MANIFEST


def test_arguments_beat_passed_through_words_and_those_the_environment_and_that_the_profile() -> None:
    tagged = profile(nim_json_args='{"max_model_len": 1000}')
    environ = {"NIM_MAX_MODEL_LEN": "2000", "NIM_PASSTHROUGH_ARGS": "--max-model-len 3000"}
    assert origin(settled(of=tagged), "--max-model-len") == ("1000", "profile")
    assert origin(settled(of=tagged, NIM_MAX_MODEL_LEN="2000"), "--max-model-len") == ("2000", "NIM_MAX_MODEL_LEN")
    assert origin(settled(of=tagged, **environ), "--max-model-len") == ("3000", "NIM_PASSTHROUGH_ARGS")
    found = settled("--max-model-len", "4000", of=tagged, **environ)
    assert origin(found, "--max-model-len") == ("4000", "argument")


def test_another_parallelism_than_the_profiles_is_refused_wherever_it_comes_from() -> None:
    (code, line), (other, _) = refusal("-pp", "2", NIM_TENSOR_PARALLEL_SIZE="2")
    assert code is other is ExitCode.SETTING
    assert line == (
        "NIM_TENSOR_PARALLEL_SIZE: --tensor-parallel-size is 2, but vllm-bf16-tp1-pp1 runs with 1. "
        "Remove it, or pin a profile with that number"
    )


def test_every_bad_setting_is_told_at_once_with_its_origin() -> None:
    lines = [line for _, line in refusal("--max-model-len", "long", "--ports", "1", NIM_DISABLE_CUDA_GRAPH="maybe")]
    assert lines == [
        "NIM_DISABLE_CUDA_GRAPH is 'maybe': write 1 or 0",
        "argument: --max-model-len is 'long': write a whole number such as 4096, 4k or 4K",
        "argument: --ports is no option of vLLM 0.32.0: did you mean --port?",
    ]


def test_options_are_not_refused_by_the_data_of_another_version() -> None:
    found = settled("--brand-new", "1", version="0.99.0")
    assert "argument: --brand-new is no option of vLLM 0.32.0: remove it (not refused)" in found.notes
    assert found.value("--brand-new") == "1"


def test_options_are_not_refused_where_the_check_is_off() -> None:
    assert settled("--brand-new", "1", NIM_LAUNCHER_OPTION_CHECK="off").value("--brand-new") == "1"


def test_a_model_may_be_named_once_and_is_not_vouched_for() -> None:
    found = settled("/weights", NIM_MODEL_PATH="/elsewhere")
    assert found.model == "/weights"
    assert "serves /weights, which nobody checks to be the weights of vllm-bf16-tp1-pp1" in found.notes
    assert refusal("/one", "--model", "/two")[0][0] is ExitCode.SETTING


def test_a_variable_that_does_nothing_is_said() -> None:
    assert "NIM_SCHEDULER_POLICY does nothing in this launcher" in settled(NIM_SCHEDULER_POLICY="x").notes


def test_the_command_fits_both_ways_to_start_vllm() -> None:
    def command(engine: Engine) -> tuple[str, ...]:
        return start_plan(profile(), MANIFEST, settled("--port", "8001"), "/w", engine, Path("/z.zip"), "").command

    assert command(SERVE)[:3] == ("/usr/bin/vllm", "serve", "/w")
    assert command(MODULE)[:5] == ("/usr/bin/python3", "-m", "api", "--model", "/w")
    assert command(MODULE)[-2:] == ("--port", "8001")


def test_the_metadata_travel_with_the_process() -> None:
    plan = start_plan(profile(), MANIFEST, settled(), "/w", SERVE, Path("/z.zip"), "/mine")
    assert plan.environment["PYTHONPATH"] == "/mine:/z.zip"
    assert json.loads(plan.environment["NIM_LAUNCHER_METADATA"])["profile_id"] == profile().id


def test_the_table_names_setting_value_and_origin_and_hides_secrets() -> None:
    found = settled("--api-key", "sk-123", "--hf-token=hf_456", NIM_SERVER_PORT="9000")
    text = start_plan(profile(), MANIFEST, found, "/w", SERVE, Path("/z.zip"), "").table
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
    assert rows["setting"] == ["value", "origin"]
    assert rows["--port"] == ["9000", "NIM_SERVER_PORT"]
    assert rows["--api-key"] == ["***", "argument"]
    assert "sk-123" not in text
    assert "hf_456" not in text


def test_a_context_longer_than_the_models_is_hinted_at(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 512}')
    hint = length_hint(settled("--max-model-len", "1k"), str(tmp_path))
    assert hint is not None
    assert "--max-model-len is 1000, and config.json says max_position_embeddings 512" in hint
    assert length_hint(settled("--max-model-len", "512"), str(tmp_path)) is None
    assert length_hint(settled("--max-model-len", "auto"), str(tmp_path)) is None
    assert length_hint(settled("--max-model-len", "1k"), "org/model") is None


def test_a_drain_is_handed_to_vllm() -> None:
    assert origin(settled(NIM_LAUNCHER_DRAIN_SECONDS="30"), "--shutdown-timeout") == ("30", "launcher")
