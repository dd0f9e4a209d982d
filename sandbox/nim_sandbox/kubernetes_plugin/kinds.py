"""The kinds that the stand-in knows, as one table; custom kinds are resolved by the server's discovery."""

from dataclasses import dataclass

RESOURCE_TYPE_PREFIX = "kubernetes:"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is addressed and which of its fields cannot change in place."""

    api_version: str
    name: str
    plural: str
    namespaced: bool
    immutable: tuple[str, ...] = ()
    """Dotted paths; a change at or below one replaces the object.

    Source: forceNew in pulumi-kubernetes provider/pkg/provider/diff.go, read 2026-11.
    """
    mutable: tuple[str, ...] = ()
    """Exceptions below `immutable`."""

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def path(self) -> str:
        """Of the API group and version on the server."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"


JOB_IMMUTABLE = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")
STATEFUL_SET_IMMUTABLE = (
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
)
VOLUME_IMMUTABLE = ("spec.csi", "spec.hostPath", "spec.local", "spec.nfs")
POD_MUTABLE = ("spec.activeDeadlineSeconds", "spec.tolerations")
STORAGE = "storage.k8s.io/v1"
RBAC = "rbac.authorization.k8s.io/v1"

KINDS = (
    Kind("v1", "Namespace", "namespaces", namespaced=False),
    Kind("v1", "Node", "nodes", namespaced=False),
    Kind("v1", "PersistentVolume", "persistentvolumes", namespaced=False, immutable=VOLUME_IMMUTABLE),
    Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", namespaced=True, immutable=("spec",)),
    Kind("v1", "Pod", "pods", namespaced=True, immutable=("spec",), mutable=POD_MUTABLE),
    Kind("v1", "Secret", "secrets", namespaced=True, immutable=("type", "data", "stringData")),
    Kind("v1", "ConfigMap", "configmaps", namespaced=True, immutable=("data", "binaryData")),
    Kind("v1", "Service", "services", namespaced=True, immutable=("spec.clusterIP",)),
    Kind("v1", "ServiceAccount", "serviceaccounts", namespaced=True),
    Kind("apps/v1", "Deployment", "deployments", namespaced=True, immutable=("spec.selector",)),
    Kind("apps/v1", "DaemonSet", "daemonsets", namespaced=True, immutable=("spec.selector",)),
    Kind("apps/v1", "StatefulSet", "statefulsets", namespaced=True, immutable=STATEFUL_SET_IMMUTABLE),
    Kind("batch/v1", "Job", "jobs", namespaced=True, immutable=JOB_IMMUTABLE),
    Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", namespaced=True),
    Kind(RBAC, "Role", "roles", namespaced=True),
    Kind(RBAC, "RoleBinding", "rolebindings", namespaced=True, immutable=("roleRef",)),
    Kind(RBAC, "ClusterRole", "clusterroles", namespaced=False),
    Kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", namespaced=False, immutable=("roleRef",)),
    Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", namespaced=True),
    Kind(STORAGE, "StorageClass", "storageclasses", namespaced=False, immutable=("parameters", "provisioner")),
    Kind("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", namespaced=False),
    Kind("coordination.k8s.io/v1", "Lease", "leases", namespaced=True),
    Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False),
)
BY_NAME = {(kind.api_version, kind.name): kind for kind in KINDS}

BUILT_IN_GROUPS = frozenset(
    [
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "auditregistration.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "core",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "helm.sh",
        "internal.apiserver.k8s.io",
        "kustomize",
        "meta",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
        "yaml",
    ]
)
"""Groups of the SDK pulumi_kubernetes 4.34.2; whatever is outside them is a custom kind."""


class UnknownKind(Exception):
    """A type that the stand-in does not know; the message names it."""


@dataclass(frozen=True, slots=True)
class KindName:
    """What a resource type says: `kubernetes:apps/v1:Deployment`."""

    api_version: str
    name: str

    @property
    def known(self) -> Kind | None:
        """None for a custom kind, which only the server can place."""
        return BY_NAME.get((self.api_version, self.name))


def kind_of_type(resource_type: str) -> KindName:
    """Raises UnknownKind for a built-in type outside the table, for lists, patches, Helm and YAML files."""
    group_version, _, name = resource_type.removeprefix(RESOURCE_TYPE_PREFIX).rpartition(":")
    group, _, version = group_version.partition("/")
    if not (group and version and name):
        raise UnknownKind(refusal(resource_type))
    kind = KindName(version if group == "core" else f"{group}/{version}", name)
    if kind.known is None and (group in BUILT_IN_GROUPS or name.endswith("Patch")):
        raise UnknownKind(refusal(resource_type))
    return kind


def refusal(what: str) -> str:
    return (
        f"{what} is not known to the stand-in Kubernetes plugin, which covers what the sandbox needs. "
        "Install the genuine plugin with `pulumi plugin install resource kubernetes`, or add the kind to its table "
        "(docs/stand-ins.md)."
    )
