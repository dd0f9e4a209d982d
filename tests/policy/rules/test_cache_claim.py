from nim_policy.rules.cache_claim import RULE
from pulumi_nim.cache_size import AccessMode
from tests.policy.samples import CLAIM, claimed, facts, found, group, pod, server

ONE_NODE = claimed(AccessMode.ONE_NODE)


def test_a_claim_that_many_nodes_may_mount_suits_every_server() -> None:
    assert found(RULE, [server(), group(), claimed()]) == []


def test_on_one_node_or_for_one_pod_a_claim_of_one_node_will_do() -> None:
    assert found(RULE, [server(), ONE_NODE], facts(node_count=1)) == []
    assert found(RULE, [server(replicas=1), ONE_NODE]) == []


def test_two_replicas_on_several_nodes_cannot_mount_it() -> None:
    problem = (
        f"claim {CLAIM} is ReadWriteOnce, but 2 pods on several nodes mount it; "
        "write ReadWriteMany, with a storage class that gives it"
    )
    assert found(RULE, [server(), ONE_NODE]) == [problem]
    assert found(RULE, [group(), ONE_NODE], facts(node_count=None)) == [problem]


def test_a_claim_of_one_pod_is_none_of_two() -> None:
    alone = claimed()
    alone.props["spec"]["accessModes"] = ["ReadWriteOncePod"]
    assert found(RULE, [server(), alone], facts(node_count=1)) == [
        f"claim {CLAIM} is ReadWriteOncePod, but 2 pods on one node mount it; write ReadWriteOnce"
    ]


def test_weights_on_no_claim_are_told() -> None:
    fleeting = server()
    pod(fleeting)["volumes"][0] = {"name": "cache", "emptyDir": {}}
    assert found(RULE, [fleeting]) == [
        "volume cache is no claim, so every start downloads anew; mount a PersistentVolumeClaim"
    ]
    pod(fleeting)["volumes"] = []
    assert found(RULE, [fleeting]) == [
        "volume cache is none, so every start downloads anew; mount a PersistentVolumeClaim"
    ]
