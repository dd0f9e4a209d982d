from pulumi_nim.manifests.kwok_node_class import kwok_node_class


def test_a_class_of_nodes_without_machines_says_nothing_of_them() -> None:
    assert kwok_node_class("l40s") == {
        "apiVersion": "karpenter.kwok.sh/v1alpha1",
        "kind": "KWOKNodeClass",
        "metadata": {"name": "l40s"},
        "spec": {},
    }
