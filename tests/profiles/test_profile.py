"""Profiles: what a row of a manifest says of the GPUs it takes."""

from nim_profiles.profile import Profile


def test_gpu_count_is_tensor_times_pipeline_whatever_number_of_gpus_says() -> None:
    assert Profile("0" * 64, "x", {"tp": "2", "pp": "3", "number_of_gpus": "8"}).gpu_count == 6


def test_what_the_tags_leave_out_is_one_gpu_no_lora_and_no_floor() -> None:
    profile = Profile("0" * 64, "vllm", {"llm_engine": "vllm"})
    assert (profile.gpu_count, profile.lora, profile.min_vram_per_device_gb) == (1, False, None)
    assert (profile.engine, profile.precision, profile.gpu) == ("vllm", None, None)


def test_a_profile_does_not_change_with_the_mapping_it_was_made_from() -> None:
    tags = {"min_vram_per_device_gb": "33.0", "feat_lora": "true"}
    profile = Profile("0" * 64, "x", tags)
    tags.clear()
    assert (profile.min_vram_per_device_gb, profile.lora) == (33.0, True)
