"""Labels and annotations of everything an endpoint is made of. The prefix `pulumi-nim/` marks our own."""

from nim_profiles.profile import Profile

POOL_LABEL = "pulumi-nim/pool"
"""On a node: the pool it belongs to. On a pod: in its node selector."""
GPU_PRODUCT_LABEL = "nvidia.com/gpu.product"
"""On a node, set by NVIDIA's GPU feature discovery."""
GPU_LABEL = "pulumi-nim/gpu"
"""On a node that Karpenter starts, from its birth: the GPU product that all of its pool's instance types have."""
INSTANCE_TYPE_LABEL = "node.kubernetes.io/instance-type"
"""On a node, set at its birth."""
GPU_RESOURCE = "nvidia.com/gpu"
PROFILE_ID_ANNOTATION = "pulumi-nim/profile-id"
"""An annotation: a label value ends at 63 characters and an id has 64."""
CREDENTIALS_ANNOTATION = "pulumi-nim/credentials"
"""On a pod: which making of the API key's Secret it was started with. Says nothing about the key."""
LAUNCHER_ANNOTATION = "pulumi-nim/launcher"
"""On a pod: digest of the launcher and the manifest that it was started with."""
CHECKED_ANNOTATION = "pulumi-nim/checked"
"""On the pod of a check: digest of the pods that it asked."""
PROFILE_NAME_ANNOTATION = "pulumi-nim/profile-name"


def selector(endpoint: str) -> dict[str, str]:
    """What a Deployment's selector and a Service's selector hold. Immutable: nothing may ever be added."""
    return {"app.kubernetes.io/name": "nim", "app.kubernetes.io/instance": endpoint}


def labels(endpoint: str) -> dict[str, str]:
    """Labels of every object of `endpoint`."""
    return {**selector(endpoint), "app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "pulumi-nim"}


def job_labels(endpoint: str, purpose: str) -> dict[str, str]:
    """Of a Job and its pods. Not the selector's: no Service leads to them and no budget counts them."""
    return {**labels(endpoint), "app.kubernetes.io/name": f"nim-{purpose}"}


def profile_annotations(profile: Profile) -> dict[str, str]:
    return {PROFILE_ID_ANNOTATION: profile.id, PROFILE_NAME_ANNOTATION: profile.name}
