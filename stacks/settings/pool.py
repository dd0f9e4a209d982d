"""GPU nodes, by who makes them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from pulumi_nim.gpu_node_pool import SIMULATED_ZONES
from pulumi_nim.karpenter.nodes import Market
from stacks.settings.part import LabelValue, Part, Text


class SimulatedPool(Part):
    """GPU nodes without machines, in a sandbox."""

    back_end: Literal["simulated"]
    instance_type: Annotated[Text, Field(description="A type of the catalogue, e.g. g6e.12xlarge")]
    node_count: Annotated[StrictInt, Field(ge=1, le=1000)] = 1
    zones: Annotated[list[LabelValue], Field(min_length=1, description="Nodes lie in them in turn")] = [
        *SIMULATED_ZONES
    ]


class ProcessorPool(Part):
    """What one replica takes of a node without GPUs."""

    cpu: Annotated[float, Field(ge=0.1, le=512, description="Kept free for it; more is used where it is idle")]
    memory_gib: Annotated[
        StrictInt, Field(ge=1, description="Weights, KV cache and all else; what takes more is killed")
    ]


class ExistingPool(Part):
    """Nodes that somebody else runs: with GPUs, or without, for profiles that are made for processors."""

    back_end: Literal["existing"]
    gpu: Annotated[Text | None, Field(description="Value of their label nvidia.com/gpu.product, e.g. NVIDIA-L40S")] = (
        None
    )
    processors: Annotated[ProcessorPool | None, Field(description="In place of gpu where they have none")] = None
    node_labels: Annotated[dict[str, LabelValue], Field(description="Further labels that a node must have")] = {}

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.gpu is None) == (self.processors is None):
            raise ValueError("name exactly one of gpu and processors")
        return self


class EksPool(Part):
    """A managed node group in the cluster of `nim:eks`."""

    back_end: Literal["eks"]
    instance_type: Annotated[Text, Field(description="A type of the catalogue, e.g. g6e.12xlarge")]
    node_count: Annotated[StrictInt, Field(ge=0, le=450, description="With max_node_count: the least")] = 1
    max_node_count: Annotated[
        StrictInt | None, Field(ge=1, le=450, description="Set where an autoscaler decides how many nodes there are")
    ] = None
    capacity_type: Literal["on-demand", "spot", "capacity-block"] = "on-demand"
    capacity_reservation: Annotated[Text | None, Field(description="Id, cr-…; a capacity block needs one")] = None
    image: Literal["al2023", "bottlerocket"] = "al2023"
    device_plugin: Annotated[
        StrictBool,
        Field(description="Install NVIDIA's on al2023, which has none; false where the GPU operator or you do"),
    ] = True
    subnets: Annotated[list[Text] | None, Field(min_length=1, description="Default: all of nim:eks.subnets")] = None
    efa: Annotated[StrictBool, Field(description="Use every EFA card of the type; one subnet")] = False
    placement_group: Annotated[StrictBool, Field(description="A cluster placement group; one zone")] = False
    root_disk_gib: Annotated[StrictInt, Field(description="For the system and images; weights lie on claims")] = 300


class Budget(Part):
    """How many nodes Karpenter may take away at once."""

    nodes: Annotated[Text, Field(description="A number or a percentage, as text: '1', '10%', '0'")]
    schedule: Annotated[Text | None, Field(description="Five fields of cron, in UTC; with duration")] = None
    duration: Annotated[Text | None, Field(description="For how long from then, e.g. 12h")] = None


class KarpenterPool(Part):
    """Nodes that the Karpenter of the cluster of `nim:eks` starts when pods need them."""

    back_end: Literal["karpenter"]
    gpu: Annotated[Text, Field(description="Of every node, as their label nvidia.com/gpu.product, e.g. NVIDIA-L40S")]
    max_gpus: Annotated[StrictInt, Field(ge=1, description="Of all nodes together")]
    image: Annotated[
        Text, Field(description="Karpenter's alias with a release: al2023@v20260714, bottlerocket@v1.50.0")
    ]
    instance_types: Annotated[
        list[Text] | None,
        Field(min_length=1, description="Among which it may choose; default: all with this GPU that AWS offers there"),
    ] = None
    capacity_types: Annotated[list[Market], Field(min_length=1)] = [Market.ON_DEMAND]
    capacity_reservations: Annotated[list[Text], Field(description="Ids, cr-…, for capacity type reserved")] = []
    device_plugin: Annotated[
        StrictBool,
        Field(description="Install NVIDIA's on al2023, which has none; false where the GPU operator or you do"),
    ] = True
    subnets: Annotated[list[Text] | None, Field(min_length=1, description="Default: all of nim:eks.subnets")] = None
    efa: Annotated[StrictBool, Field(description="Use every EFA card of the type; one subnet")] = False
    placement_group: Annotated[Text | None, Field(description="Name of one that exists; one zone")] = None
    root_disk_gib: Annotated[StrictInt, Field(description="For the system and images; weights lie on claims")] = 300
    consolidate_after: Annotated[Text, Field(description="How long a node without pods is kept")] = "10m"
    expire_after: Annotated[Text, Field(description="Age at which a node goes, whatever its budgets say")] = "Never"
    budgets: list[Budget] = [Budget(nodes="1")]


Pool = Annotated[SimulatedPool | ExistingPool | EksPool | KarpenterPool, Field(discriminator="back_end")]
