from pathlib import Path

from nim_launcher.profile_list import listing
from nim_profiles.listing import Status, parse_listing
from nim_profiles.manifest import Manifest, read_manifest
from tests.launcher.fake_nvml import A100, L40S, occupied
from tests.launcher.samples import machine, profile

SAMPLE = Path(__file__).parents[2] / "stacks" / "manifests" / "llama-3.1-8b-instruct_2.0.6.yaml"


def test_the_listing_reads_like_one_of_nims_own() -> None:
    manifest = read_manifest(SAMPLE)
    parsed = parse_listing(listing(manifest, machine(L40S, occupied(L40S, 40000))))
    assert parsed.unparsed == ()
    assert {row.id for row in parsed.rows} == {known.id for known in manifest.profiles}
    assert [(gpu.device, gpu.index, gpu.name, gpu.free) for gpu in parsed.gpus] == [
        ("26b9:10de", 0, "NVIDIA L40S", True),
        ("26b9:10de", 1, "NVIDIA L40S", False),
    ]


def test_profiles_stand_under_what_the_machine_can_do_with_them() -> None:
    known = (
        profile(gpu="cpu", precision="fp32"),
        profile(),
        profile(feat_lora="true"),
        profile(min_vram_per_device_gb="90.0"),
        profile(precision="fp8"),
        profile(tp="2"),
    )
    rows = parse_listing(listing(Manifest("2.1", "m", "1", known), machine(A100))).rows
    found = {row.name: row.status for row in rows}
    assert found == {
        "vllm-cpu-fp32-tp1-pp1": Status.COMPATIBLE,
        "vllm-bf16-tp1-pp1": Status.COMPATIBLE,
        "vllm-bf16-tp1-pp1-feat_lora": Status.COMPATIBLE,
        "vllm-bf16-tp1-pp1-90.0": Status.LOW_MEMORY,
        "vllm-fp8-tp1-pp1": Status.INCOMPATIBLE,
        "vllm-bf16-tp2-pp1": Status.INCOMPATIBLE,
    }


def test_without_a_driver_only_cpu_profiles_run() -> None:
    known = (profile(gpu="cpu", precision="fp32"), profile())
    text = listing(Manifest("2.1", "m", "1", known), None)
    assert "- Free GPUs: <None>" in text
    statuses = {row.name: row.status for row in parse_listing(text).rows}
    assert statuses == {"vllm-cpu-fp32-tp1-pp1": Status.COMPATIBLE, "vllm-bf16-tp1-pp1": Status.INCOMPATIBLE}
