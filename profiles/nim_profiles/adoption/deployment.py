"""An endpoint that is a Deployment with its Service and claim, by hand or by NVIDIA's nim-llm chart."""

from collections.abc import Iterator, Sequence

from nim_profiles.adoption.found import Found, Left
from nim_profiles.adoption.objects import Object, at_least_one, list_at, texts
from nim_profiles.adoption.pod import KEY, Pod
from nim_profiles.adoption.quantity import whole_gib


def served(objects: Sequence[Object]) -> Iterator[tuple[Found, tuple[Object, ...]]]:
    """Every endpoint, with the objects that it is made of."""
    for owner in objects:
        if owner.kind not in ("Deployment", "StatefulSet"):
            continue
        pod = Pod(str(owner), owner.part("spec", "template", "spec"))
        if not (pod.gpu_count or any(name.startswith("NIM_") for name in pod.variables)):
            continue
        services = [one for one in objects if one.kind == "Service" and _leads_to(one, owner)]
        claims = [one for one in objects if one.kind == "PersistentVolumeClaim" and one.name == pod.claim]
        yield _found(owner, pod, services, claims), (owner, *services, *claims)


def _found(owner: Object, pod: Pod, services: Sequence[Object], claims: Sequence[Object]) -> Found:
    takes_over = owner.kind == "Deployment"
    sizes = [one.part("spec", "resources", "requests").get("storage") for one in claims]
    return Found(
        origin=str(owner),
        image=str(pod.container.get("image") or ""),
        env=pod.env,
        args=pod.args,
        profile=pod.profile,
        replicas=at_least_one(owner.part("spec").get("replicas")),
        gpu_count=pod.gpu_count,
        port=pod.port,
        node_selector=texts(pod.spec.get("nodeSelector")),
        needs_ngc_key=KEY in pod.variables or bool(pod.spec.get("imagePullSecrets")),
        deployment=owner.name if takes_over else None,
        service=services[0].name if services else None,
        claim=pod.claim,
        cache_gib=whole_gib(sizes[0]) if sizes else None,
        selector=texts(owner.part("spec", "selector", "matchLabels")) if takes_over else {},
        left=(*_owner(owner), *pod.left(), *_services(services, pod)),
    )


def _leads_to(service: Object, owner: Object) -> bool:
    wanted, labels = service.part("spec", "selector"), owner.part("spec", "template", "metadata", "labels")
    headless = service.part("spec").get("clusterIP") == "None"
    return bool(wanted) and not headless and wanted.items() <= labels.items() and service.namespace == owner.namespace


def _owner(owner: Object) -> Iterator[Left]:
    if owner.kind == "StatefulSet":
        yield Left(
            str(owner),
            "a Deployment cannot take over its pods: a new one is made beside it; delete this "
            "with --cascade=foreground once that is ready",
        )
    if release := owner.part("metadata", "annotations").get("meta.helm.sh/release-name"):
        yield Left(
            str(owner),
            f"belongs to the Helm release {release}, whose next upgrade or uninstall would undo the change: "
            f"`kubectl delete secret -l owner=helm,name={release}` makes Helm forget it",
        )
    for one in list_at(owner.part("metadata"), "ownerReferences"):
        yield Left(
            str(owner),
            f"belongs to {one.get('kind')} {one.get('name')}, whose controller would undo every change: delete that "
            "with --cascade=orphan first",
        )
    if owner.part("spec").get("replicas") == 0:
        yield Left(f"{owner}: spec.replicas", "is 0, and an endpoint has at least one replica")


def _services(services: Sequence[Object], pod: Pod) -> Iterator[Left]:
    for service in services[:1]:
        spec = service.part("spec")
        if (kind := spec.get("type", "ClusterIP")) != "ClusterIP":
            yield Left(f"{service}: spec.type", f"{kind} becomes ClusterIP: what comes from outside needs another way")
        for one in list_at(spec, "ports"):
            if one.get("port") != pod.port:
                yield Left(f"{service}: port {one.get('port')}", f"becomes {pod.port}; tell clients")
    for service in services[1:]:
        yield Left(str(service), f"an endpoint has one Service, {services[0].name}; this one stays as it is, unmanaged")
