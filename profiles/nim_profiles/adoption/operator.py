"""An endpoint that is a NIMService of NVIDIA's operator, with its NIMCache.

Fields and names: github.com/NVIDIA/k8s-nim-operator, api/apps/v1alpha1 (read 2026-11).
"""

from collections.abc import Iterator, Sequence

from nim_profiles.adoption.found import Found, Left
from nim_profiles.adoption.objects import Json, Object, at_least_one, list_at, mapping_at, texts, words
from nim_profiles.adoption.pod import GPU, NO_CLAIM, NO_SETTING, PORT, Pod
from nim_profiles.adoption.quantity import whole_gib

_CARRIED = frozenset(
    ["args", "authSecret", "env", "expose", "image", "nodeSelector", "replicas", "resources", "storage", "tolerations"]
)
_NO_MATTER = frozenset(["inferencePlatform", "livenessProbe", "readinessProbe", "startupProbe", "userID", "groupID"])
_REASONS = {
    "multiNode": "a profile that spans nodes says so itself",
    "scale": "replicas are fixed; write how many",
    "draResources": "GPUs are asked for as nvidia.com/gpu",
    "metrics": "no setting; /v1/metrics is on the endpoint's port",
    "proxy": "write the variables under env",
    "command": "the image's own entry point starts the profile",
}


def served(objects: Sequence[Object]) -> Iterator[tuple[Found, tuple[Object, ...]]]:
    """Every NIMService whose Deployment is not among the objects: that one says more."""
    deployments = {one.name for one in objects if one.kind == "Deployment"}
    for service in objects:
        if service.kind == "NIMService" and service.name not in deployments:
            name = service.part("spec", "storage", "nimCache").get("name")
            caches = [one for one in objects if one.kind == "NIMCache" and one.name == name]
            yield _found(service, caches[0] if caches else None), (service, *caches)


def _found(service: Object, cache: Object | None) -> Found:
    spec = service.part("spec")
    container = {part: spec.get(part) for part in ("env", "resources", "args")}
    pod = Pod(str(service), {"containers": [container]})
    storage = mapping_at(spec, "storage")
    image, port = mapping_at(spec, "image"), mapping_at(spec, "expose", "service").get("port")
    return Found(
        origin=str(service),
        image=f"{image.get('repository')}:{image.get('tag')}",
        env=pod.env,
        args=pod.args,
        profile=_profile(storage, pod, cache),
        replicas=at_least_one(spec.get("replicas")),
        gpu_count=pod.gpu_count,
        port=port if isinstance(port, int) else PORT,
        node_selector=texts(spec.get("nodeSelector")),
        needs_ngc_key=bool(spec.get("authSecret")),
        # The operator's Service has the NIMService's name; it is taken over once nothing owns it any more.
        service=service.name,
        claim=_claim(service, storage, cache),
        cache_gib=whole_gib(_claim_part(storage, cache).get("size")),
        left=(*_left(service, spec, storage, cache), *pod.left()),
    )


def _claim_part(storage: dict[str, Json], cache: Object | None) -> dict[str, Json]:
    return mapping_at(storage, "pvc") if cache is None else cache.part("spec", "storage", "pvc")


def _claim(service: Object, storage: dict[str, Json], cache: Object | None) -> str | None:
    """By the operator's rule: its own name and `-pvc` where none is given."""
    pvc = _claim_part(storage, cache)
    if pvc.get("subPath"):
        return None
    if pvc.get("name"):
        return str(pvc["name"])
    owner = mapping_at(storage, "nimCache").get("name") or (service.name if pvc.get("create") else None)
    return f"{owner}-pvc" if owner else None


def _profile(storage: dict[str, Json], pod: Pod, cache: Object | None) -> str | None:
    said = mapping_at(storage, "nimCache").get("profile") or pod.profile
    if said:
        return str(said)
    cached = [] if cache is None else words(cache.part("spec", "source", "ngc", "model").get("profiles"))
    return cached[0] if len(cached) == 1 else None


def _left(service: Object, spec: dict[str, Json], storage: dict[str, Json], cache: Object | None) -> Iterator[Left]:
    yield Left(
        str(service),
        "the operator makes its objects anew as long as it exists: delete it with --cascade=orphan before the "
        "first up. Its Deployment is in the way then: give it to this command too, or delete it",
    )
    if cache is not None and cache.part("spec", "storage", "pvc").get("create"):
        yield Left(
            str(cache), "owns the claim with the weights: delete it with --cascade=orphan, or the claim goes too"
        )
    for name, value in sorted(spec.items()):
        off = isinstance(value, dict) and value.get("enabled") is False
        if name not in _CARRIED | _NO_MATTER and value not in (None, {}, [], "", False) and not off:
            yield Left(f"{service}: spec.{name}", _REASONS.get(name, NO_SETTING))
    for one in list_at(spec, "tolerations"):
        if one.get("key") != GPU:
            yield Left(f"{service}: toleration of {one.get('key')}", "pods tolerate nvidia.com/gpu only")
    if storage.get("hostPath"):
        yield Left(f"{service}: spec.storage.hostPath", NO_CLAIM)
    if mapping_at(spec, "expose").get("ingress") or mapping_at(spec, "expose").get("router"):
        yield Left(f"{service}: spec.expose", "an endpoint is reached inside the cluster only")
