import pytest

from nim_profiles.nodes_per_replica import nodes_per_replica
from tests.components.samples import profile


@pytest.mark.parametrize(
    ("tensor", "pipeline", "gpus_per_node", "nodes"),
    [
        (8, 1, 8, 1),
        (8, 2, 8, 2),
        (4, 2, 8, 1),
        (4, 4, 8, 2),
        (4, 3, 8, 3),  # two nodes would take unequal shares
        (1, 2, 8, 1),
        (16, 1, 8, 0),
        (8, 2, 4, 0),
        (8, 2, None, 2),
        (8, 1, None, 1),
    ],
)
def test_the_gpus_of_a_stage_share_a_node_and_all_nodes_take_equally_many_stages(
    tensor: int, pipeline: int, gpus_per_node: int | None, nodes: int
) -> None:
    assert nodes_per_replica(profile(tensor, pipeline), gpus_per_node) == nodes
