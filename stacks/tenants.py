"""What the endpoints of a pool ask of its nodes, as far as roll-outs go."""

from collections.abc import Mapping

from nim_profiles.nodes_per_replica import nodes_per_replica
from pulumi_nim.cache_size import AccessMode, access_mode
from stacks.choosing import Choice
from stacks.rollout import Nodes, Strategy, Tenant
from stacks.settings import Endpoint


def tenants(endpoints: Mapping[str, Endpoint], choices: Mapping[str, Choice], nodes: Nodes) -> tuple[Tenant, ...]:
    """Those of `nodes`, in the order of `choices`."""
    return tuple(
        Tenant(
            endpoint=name,
            replicas=endpoint.replicas,
            pods_per_replica=(pods := nodes_per_replica(choice.profile, nodes.gpus_per_node)),
            gpus_per_pod=choice.profile.gpu_count // pods,
            shares_cache=cache_access(endpoint, pods, nodes.count) is AccessMode.MANY_NODES,
            wanted=_wanted(endpoint),
        )
        for name, choice in choices.items()
        if (endpoint := endpoints[name]).pool == nodes.pool
    )


def cache_access(endpoint: Endpoint, pods_per_replica: int, node_count: int | None) -> AccessMode:
    """A surge that somebody asks for must find its cache on a second node. `node_count` None: nobody knows it."""
    replicas = endpoint.replicas + (_wanted(endpoint) is Strategy.SURGE)
    return access_mode(replicas * pods_per_replica, node_count)


def _wanted(endpoint: Endpoint) -> Strategy | None:
    return None if endpoint.rollout is None else Strategy(endpoint.rollout)
