"""Pools of nodes that somebody else runs: their GPUs by product, or none at all."""

from nim_profiles.gpu import CPU, processors
from nim_profiles.instance import gpu_of_product
from nim_profiles.profile import Profile
from nim_profiles.units import GIB
from pulumi_nim.gpu_node_pool import ExistingNodes
from pulumi_nim.manifests.processors import Processors
from stacks.settings import ExistingPool


def existing_nodes(pool: ExistingPool) -> ExistingNodes:
    """Raises UnknownInstanceType for a GPU that is not in the catalogue."""
    if pool.processors is None:
        return ExistingNodes(gpu=gpu_of_product(pool.gpu or ""), node_labels=pool.node_labels)
    memory_bytes = pool.processors.memory_gib * GIB
    taken = Processors(cpu_millis=round(pool.processors.cpu * 1000), memory_bytes=memory_bytes)
    return ExistingNodes(gpu=processors(memory_bytes), node_labels=pool.node_labels, processors=taken)


def for_gpus(profile: Profile) -> bool:
    return (profile.gpu or "").lower() != CPU


def misplaced(profile: Profile, *, without_gpus: bool) -> str | None:
    """What speaks against this profile in a pool with or without GPUs; None where nothing does."""
    if without_gpus and for_gpus(profile):
        return (
            f"found a pool without GPUs, and {profile.name} needs them; choose a pool with gpu, or a profile for {CPU}"
        )
    if not without_gpus and not for_gpus(profile):
        return f"found a pool with GPUs, and {profile.name} runs on processors alone; choose a pool with processors"
    return None
