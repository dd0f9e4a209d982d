from nim_policy.rules.shared_memory import RULE
from tests.policy.samples import container, found, group, pod, server


def test_one_gpu_needs_none_and_several_have_it() -> None:
    assert found(RULE, [server(1), server(8), group()]) == []


def test_several_gpus_without_it_are_told() -> None:
    without = server(8)
    container(without)["volumeMounts"].pop()
    assert found(RULE, [without]) == [
        "a pod has 8 GPUs, and /dev/shm of container nim is no volume in memory; "
        "mount an emptyDir with medium Memory there"
    ]


def test_a_volume_on_disk_is_no_memory() -> None:
    on_disk = server(8)
    del pod(on_disk)["volumes"][-1]["emptyDir"]["medium"]
    assert len(found(RULE, [on_disk])) == 1


def test_memory_has_a_limit() -> None:
    unlimited = server(8)
    del pod(unlimited)["volumes"][-1]["emptyDir"]["sizeLimit"]
    assert found(RULE, [unlimited]) == [
        "a pod has 8 GPUs, and /dev/shm of container nim has no sizeLimit; write one, such as 16Gi"
    ]
