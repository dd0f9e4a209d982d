import pytest

from nim_sandbox.kubernetes_plugin.kinds import KINDS, UnknownKind, kind_of_type


def test_a_known_type_is_placed_by_the_table() -> None:
    kind = kind_of_type("kubernetes:apps/v1:Deployment").known
    assert kind is not None
    assert (kind.path, kind.plural, kind.namespaced) == ("/apis/apps/v1", "deployments", True)


def test_the_core_group_has_no_name_on_the_server() -> None:
    kind = kind_of_type("kubernetes:core/v1:Node").known
    assert kind is not None
    assert (kind.path, kind.namespaced) == ("/api/v1", False)


@pytest.mark.parametrize(
    "custom", ["kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet", "kubernetes:karpenter.sh/v1:NodePool"]
)
def test_a_custom_kind_is_left_to_the_server(custom: str) -> None:
    assert kind_of_type(custom).known is None


@pytest.mark.parametrize(
    "refused",
    [
        "kubernetes:networking.k8s.io/v1:Ingress",
        "kubernetes:core/v1:SecretList",
        "kubernetes:apps/v1:DeploymentPatch",
        "kubernetes:apps/v1beta1:Deployment",
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:helm.sh/v4:Chart",
        "kubernetes:yaml/v2:ConfigFile",
        "kubernetes:yaml:ConfigFile",
        "kubernetes:kustomize:Directory",
    ],
)
def test_anything_else_is_refused_by_name(refused: str) -> None:
    with pytest.raises(UnknownKind, match=refused):
        kind_of_type(refused)


def test_no_kind_is_listed_twice() -> None:
    assert len({(kind.api_version, kind.name) for kind in KINDS}) == len(KINDS)
