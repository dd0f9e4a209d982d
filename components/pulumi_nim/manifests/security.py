"""Security contexts that Pod Security `restricted` admits and that a NIM starts under."""

from pulumi_nim.manifests.values import Manifest

USER_ID = 1000
"""User of NIM images (user `nim`, and the nim-llm chart's default); it owns what it writes to the cache."""


def pod_security_context() -> Manifest:
    """`fsGroup` makes a fresh volume writable for the user; without it the cache belongs to root."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER_ID,
        "runAsGroup": USER_ID,
        "fsGroup": USER_ID,
        # Weights are large: do not chown a filled cache file by file at every start.
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security_context(*, read_only: bool = False) -> Manifest:
    """The root file system stays writable where NIM images write outside their cache, and for GPUs: nvidia-cdi-hook
    writes to it.
    """
    read_only_root = {"readOnlyRootFilesystem": True} if read_only else {}
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, **read_only_root}
