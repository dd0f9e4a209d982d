"""Over how many nodes one replica spreads: tensor-parallel GPUs stay on one node, pipeline stages may part."""

from nim_profiles.profile import Profile


def nodes_per_replica(profile: Profile, gpus_per_node: int | None) -> int:
    """The fewest nodes that all take equally many stages; 0 where not even one stage fits a node.

    `gpus_per_node` None, where nobody says: one stage a node, which runs on nodes of every size that holds a stage.
    Tensor parallelism talks in every layer, so its GPUs share a node; a stage hands on once a step (vLLM's guide to
    parallelism and scaling, read 2026-11).
    """
    if gpus_per_node is None:
        return profile.pipeline_parallel
    stages_per_node = min(gpus_per_node // profile.tensor_parallel, profile.pipeline_parallel)
    while stages_per_node and profile.pipeline_parallel % stages_per_node:
        stages_per_node -= 1
    return profile.pipeline_parallel // stages_per_node if stages_per_node else 0
