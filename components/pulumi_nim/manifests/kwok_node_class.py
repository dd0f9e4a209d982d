"""KWOKNodeClass: Karpenter's KWOK provider makes nodes without machines; there is nothing to say of them."""

from pulumi_nim.manifests.values import Manifest


def kwok_node_class(name: str) -> Manifest:
    return {
        "apiVersion": "karpenter.kwok.sh/v1alpha1",
        "kind": "KWOKNodeClass",
        "metadata": {"name": name},
        "spec": {},
    }
