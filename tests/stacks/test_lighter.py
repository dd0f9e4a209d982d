import dataclasses

from nim_profiles.instance import gpu_of_product
from nim_profiles.profile import Profile
from stacks.lighter import lighter_profile

L40S, A100 = gpu_of_product("NVIDIA-L40S"), gpu_of_product("NVIDIA-A100-SXM4-80GB")


def profile(precision: str, tensor_parallel: int = 2, **tags: str) -> Profile:
    all_tags = {"feat_lora": "false", "llm_engine": "vllm", "tp": str(tensor_parallel), "precision": precision, **tags}
    return Profile(
        id=f"{precision}{tensor_parallel}".ljust(64, "0"), name=f"{precision}-{tensor_parallel}", tags=all_tags
    )


BF16 = profile("bf16")


def test_fp8_of_the_same_image_is_lighter() -> None:
    assert lighter_profile(BF16, [BF16, profile("fp8"), profile("fp8", 1)], L40S) == profile("fp8")


def test_fewer_gpus_will_do_and_more_will_not() -> None:
    assert lighter_profile(BF16, [profile("fp8", 1), profile("fp8", 4)], L40S) == profile("fp8", 1)
    assert lighter_profile(BF16, [profile("fp8", 4)], L40S) is None


def test_another_engine_or_another_feature_is_another_thing() -> None:
    others = [profile("fp8", llm_engine="sglang"), profile("fp8", feat_lora="true")]
    assert lighter_profile(BF16, others, L40S) is None


def test_a_gpu_that_cannot_compute_it_has_none() -> None:
    assert lighter_profile(BF16, [profile("fp8")], A100) is None


def test_what_is_no_16_bit_profile_stays() -> None:
    assert lighter_profile(profile("nvfp4"), [profile("fp8")], L40S) is None
    nameless = dataclasses.replace(BF16, tags={"llm_engine": "vllm"})
    assert lighter_profile(nameless, [profile("fp8")], L40S) is None
