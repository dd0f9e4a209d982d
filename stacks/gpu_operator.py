"""Where the GPU operator may be asked for, and what a reader of the preview should know of it."""

from collections.abc import Iterator

from pulumi_nim.manifests.gpu_operator import VERSION
from stacks.faults import Fault
from stacks.settings import PROJECT, EksPool, KarpenterPool, Settings

NOTE = (
    f"NVIDIA's GPU operator {VERSION} is installed for the whole cluster, without driver and toolkit, which the images "
    "of EKS bring. NVIDIA itself does not test it on Amazon Linux 2023 (gpu-operator issue 1492, 2026-09-11)"
)


def operator_faults(settings: Settings, file: str) -> Iterator[Fault]:
    if not settings.gpu_operator:
        return
    key = f"{PROJECT}:gpu_operator"
    made = {name: pool for name, pool in sorted(settings.pools.items()) if isinstance(pool, EksPool | KarpenterPool)}
    if settings.cluster.sandbox is not None:
        why = "whose nodes have no GPUs to operate and whose Kubernetes plugin may know no Helm"
        yield Fault(file, key, f"found true in a sandbox, {why}; leave it out")
    if not made:
        why = "on nodes that this stack does not make somebody has seen to their GPUs"
        yield Fault(file, key, f"found true, but no pool is made on EKS, and {why}; leave it out")
    for name, pool in made.items():
        if pool.image.startswith("bottlerocket"):
            why = "which brings a device plugin of its own: two of them would contend for the same GPUs"
            yield Fault(file, f"{PROJECT}:pools.{name}.image", f"found bottlerocket, {why}; write an al2023 image")
