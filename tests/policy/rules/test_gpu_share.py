from nim_policy.rules.gpu_share import RULE
from tests.policy.samples import container, facts, found, group, server


def test_a_pod_with_the_profiles_gpus_is_right() -> None:
    assert found(RULE, [server(8)], facts(gpu_count=8)) == []


def test_a_group_shares_them_equally() -> None:
    assert found(RULE, [group(size=2, gpus=8)], facts(gpu_count=16)) == []


def test_too_few_are_told_with_the_number_that_is_right() -> None:
    assert found(RULE, [server(1)], facts(gpu_count=8, profile="vllm-fp8-tp8-pp1-8.0")) == [
        "limits.nvidia.com/gpu is 1 in its pod a replica, but vllm-fp8-tp8-pp1-8.0 runs on 8; write 8 a pod"
    ]


def test_unequal_shares_in_a_group_are_wrong() -> None:
    uneven = group()
    container(uneven)["resources"]["limits"]["nvidia.com/gpu"] = "4"
    assert found(RULE, [uneven], facts(gpu_count=16, profile="sglang-h100-bf16-tp8-pp2")) == [
        "limits.nvidia.com/gpu is 4 and 8 in 2 pods a replica, but sglang-h100-bf16-tp8-pp2 runs on 16; write 8 a pod"
    ]
