"""What a container is told beside its profile, and what is refused of it."""

from typing import Any

import pytest

from nim_profiles.lock import Lock
from nim_profiles.locked_image import LockedImage
from stacks.faults import BadStackFile
from stacks.plan import EndpointPlan, Plan, settings_told
from stacks.planning import make_plan
from tests.stacks.samples import BF16, FILE, FP8, LOCK, LOCK_FOLDER, REFERENCE, raw

KEY = f"{FILE}: nim:endpoints.llama"
LORA_ID = "f" * 64
FETCH = {"fetch": {"image": f"registry.example/fetch:1@sha256:{'5' * 64}", "command": ["fetch"]}}


def _with_lora() -> Lock:
    """The locked image with an FP8 profile that takes adapters."""
    image = LOCK.images[REFERENCE]
    plain = next(row for row in image.rows if row.id == FP8)
    name = plain.name.replace("pp1", "pp1-feat_lora")
    row = plain.model_copy(update={"id": LORA_ID, "name": name, "tags": {**plain.tags, "feat_lora": "true"}})
    values = {**dict(image), "profiles": (*image.rows, row)}
    values.pop("rows")
    return Lock(images={REFERENCE: LockedImage(**values)})


WITH_LORA = _with_lora()


def plan(content: dict[str, Any]) -> Plan:
    return make_plan(content, WITH_LORA, LOCK_FOLDER, stack="test", file=FILE)


def endpoint(**keys: Any) -> EndpointPlan:
    (one,) = plan(raw(**keys)).endpoints
    return one


def fault(**keys: Any) -> str:
    with pytest.raises(BadStackFile) as refused:
        plan(raw(**keys))
    return str(refused.value)


def lora(**keys: Any) -> dict[str, Any]:
    adapters = [{"name": "law", "rank": 20, "size_mib": 100}, {"name": "care", "rank": 8, "size_mib": 50}]
    return {"adapters": adapters, "source": {"claim": "adapters"}, **keys}


def test_a_port_moves_the_container_and_is_no_longer_a_variable() -> None:
    assert endpoint(port=9000).port == 9000
    assert fault(env={"NIM_SERVER_PORT": "9000"}) == (
        f"{KEY}.env.NIM_SERVER_PORT: is written by the program itself; remove it, and set the port by the endpoint's "
        "own key"
    )


def test_adapters_reach_the_pod_with_slots_for_all_of_them() -> None:
    one = endpoint(profile=LORA_ID, lora=lora(refresh_seconds=60))
    assert one.env["NIM_PEFT_SOURCE"] == "/opt/nim/adapters"
    assert one.env["NIM_PEFT_REFRESH_INTERVAL"] == "60"
    assert one.env["NIM_PASSTHROUGH_ARGS"] == "--max-loras 2 --max-cpu-loras 2 --max-lora-rank 32"
    assert one.adapters is not None
    assert one.adapters.volume == {"persistentVolumeClaim": {"claimName": "adapters", "readOnly": True}}


def test_slots_count_in_the_memory_of_a_gpu() -> None:
    few, many = (
        endpoint(profile=LORA_ID, lora=lora(max_rank=rank, max_gpu_loras=loras)).fit
        for rank, loras in ((32, 1), (64, 8))
    )
    assert few is not None
    assert few.estimate is not None
    assert many is not None
    assert many.estimate is not None
    assert many.estimate.used.safe_bytes - few.estimate.used.safe_bytes > 1_000_000_000


def test_a_profile_without_the_feature_names_the_sibling_that_has_it() -> None:
    assert fault(lora=lora()) == (
        f"{KEY}.lora: found adapters, but vllm-fp8-tp1-pp1-27.0 is no LoRA profile; pin {LORA_ID} "
        "(vllm-fp8-tp1-pp1-feat_lora-27.0), which is the same with it"
    )
    assert "of this image these have it" in fault(profile=BF16, lora=lora())


def test_a_lora_profile_without_adapters_names_the_sibling_without_it() -> None:
    line = fault(profile=LORA_ID)
    assert line.startswith(f"{KEY}.lora: is missing, but vllm-fp8-tp1-pp1-feat_lora-27.0 is a LoRA profile, ")
    assert line.endswith(f"pin {FP8} (vllm-fp8-tp1-pp1-27.0)")


@pytest.mark.parametrize(
    ("keys", "key", "start"),
    [
        ({"max_rank": 8}, "lora.adapters.0.rank", "found 20 of law, above max_rank 8; "),
        ({"max_rank": 24}, "lora.max_rank", "found 24; vLLM takes 1, 8, 16, 32, "),
        ({"max_gpu_loras": 4, "max_cpu_loras": 2}, "lora.max_cpu_loras", "found 2, fewer than the 4 on the GPU; "),
        ({"source": FETCH, "refresh_seconds": 60}, "lora.refresh_seconds", "does nothing: what was fetched stays "),
        (
            {"source": {"fetch": {"image": "fetch:1", "command": ["x"]}}},
            "lora.source.fetch.image",
            "found 'fetch:1', which ",
        ),
        (
            {"source": {"fetch": {**FETCH["fetch"], "env": {"AWS_SECRET_ACCESS_KEY": "made-up"}}}},
            "lora.source.fetch.env.AWS_SECRET_ACCESS_KEY",
            "is a secret in plain text (not shown); ",
        ),
    ],
)
def test_what_is_wrong_with_adapters_is_told_by_its_key(keys: dict[str, Any], key: str, start: str) -> None:
    assert fault(profile=LORA_ID, lora=lora(**keys)).startswith(f"{KEY}.{key}: {start}")


def test_two_sources_of_adapters_are_refused() -> None:
    two = {"claim": "adapters", **FETCH}
    assert "name exactly one of claim, volume and fetch" in fault(profile=LORA_ID, lora=lora(source=two))


def test_arguments_go_beside_the_settings_and_are_told_with_their_origin() -> None:
    one = endpoint(settings={"max_num_seqs": 8}, args=["--enable-prefix-caching"])
    assert one.env["NIM_PASSTHROUGH_ARGS"] == "--max-num-seqs 8 --enable-prefix-caching"
    told = settings_told(one)
    assert told is not None
    assert [line.split() for line in told.splitlines()[1:]] == [
        ["setting", "value", "origin"],
        ["--tensor-parallel-size", "1", "profile"],
        ["--pipeline-parallel-size", "1", "profile"],
        ["--max-num-seqs", "8", "settings"],
        ["--enable-prefix-caching", "on", "args"],
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--max-model-len=4096"], "gives --max-model-len, which has a key of its own; write settings.max_model_len"),
        (["--port=9000"], "gives --port, which has a key of its own; write port"),
        (["NIM_LOG_LEVEL=INFO"], "has NIM_LOG_LEVEL, which is an environment variable; write it under env"),
        (["--tensor-parallel-size=2"], "sets --tensor-parallel-size to 2, but vllm-fp8-tp1-pp1-27.0 has tp 1"),
        (["--enable-prefix-cahcing"], "did you mean --enable-prefix-caching?"),
        (["--api-server-count=two"], "--api-server-count"),
        (["--tokenizer-mode=none-such", "--load-format"], "--load-format"),
    ],
)
def test_wrong_arguments_are_refused_where_the_version_is_known(args: list[str], expected: str) -> None:
    line = fault(args=args, vllm_version="0.32.0")
    assert all(one.startswith(f"{KEY}.args: ") for one in line.splitlines())
    assert expected in line


def test_of_an_unknown_version_a_wrong_argument_is_a_note() -> None:
    (note,) = plan(raw(args=["--enable-prefix-cahcing"])).notes
    assert note.startswith("endpoint llama: args has a fault: ")


def test_an_argument_written_as_a_variable_is_caught() -> None:
    assert "is an argument of vLLM, which is not read here" in fault(env={"MAX_NUM_SEQS": "8"})


def test_requests_are_logged_only_with_a_reason_and_the_warning() -> None:
    wanted = raw(request_logging={"reason": "audit until June"})
    assert plan(wanted).endpoints[0].env["NIM_PASSTHROUGH_ARGS"] == "--enable-log-requests"
    assert any("what users write" in note for note in plan(wanted).notes)


def test_telemetry_is_one_block() -> None:
    one = endpoint(telemetry={"collector": "http://collector:4317"})
    assert one.env["OTEL_SERVICE_NAME"] == "llama"
    assert one.env["NIM_PASSTHROUGH_ARGS"] == "--otlp-traces-endpoint http://collector:4317"


def test_unsafe_profiles_and_vision_numbers_are_refused_where_nothing_reads_them() -> None:
    assert ".unsafe_profile: is ignored" in fault(unsafe_profile={"reason": "a trial"})
    numbers = {"input_tokens": 1000, "output_tokens": 100, "image_request_fraction": 0.5}
    assert ".vision_kv: NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN is read by vlm-1 images only" in fault(vision_kv=numbers)
