"""NodePool: what Karpenter may start, how much of it, and when it may take it away again."""

from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes
from pulumi_nim.labels import GPU_LABEL, GPU_RESOURCE, INSTANCE_TYPE_LABEL, POOL_LABEL
from pulumi_nim.manifests.node import TAINT_VALUE
from pulumi_nim.manifests.values import Manifest

CAPACITY_TYPE_LABEL = "karpenter.sh/capacity-type"
ZONE_ID_LABEL = "topology.k8s.aws/zone-id"


def node_pool(name: str, nodes: KarpenterNodes, node_class: Manifest) -> Manifest:
    """Nodes get the labels that pods select by at birth: Karpenter plans with them before there is a node."""
    group = node_class["apiVersion"].partition("/")[0]
    template = {
        "metadata": {"labels": {POOL_LABEL: name, GPU_LABEL: nodes.gpu.product}},
        "spec": {
            "nodeClassRef": {"group": group, "kind": node_class["kind"], "name": node_class["metadata"]["name"]},
            "requirements": _requirements(nodes),
            "taints": [{"key": GPU_RESOURCE, "value": TAINT_VALUE, "effect": "NoSchedule"}],
            "expireAfter": nodes.expire_after,
        },
    }
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name, "annotations": {"pulumi.com/waitFor": "condition=Ready"}},
        "spec": {
            "template": template,
            "limits": {GPU_RESOURCE: str(nodes.gpu_limit)},
            "disruption": {
                "consolidationPolicy": "WhenEmpty",
                "consolidateAfter": nodes.consolidate_after,
                "budgets": [_budget(budget) for budget in nodes.budgets],
            },
        },
    }


def _requirements(nodes: KarpenterNodes) -> list[Manifest]:
    values = {
        INSTANCE_TYPE_LABEL: [kind.name for kind in nodes.allowed],
        CAPACITY_TYPE_LABEL: sorted(nodes.markets),
        ZONE_ID_LABEL: [*nodes.zones],
    }
    return [{"key": key, "operator": "In", "values": found} for key, found in values.items() if found]


def _budget(budget: Budget) -> Manifest:
    when = {} if budget.schedule is None else {"schedule": budget.schedule, "duration": budget.duration}
    return {"nodes": budget.nodes, **when}
