import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.kubernetes_plugin.diff import Change, Difference, Rules, diff
from nim_sandbox.values import UNKNOWN, Path, Secret, Value

RULES = Rules()


def obj(api_version: str, kind: str, name: str = "x", **fields: Value) -> dict[str, Value]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "n"}, **fields}


def changed(path: Path, value: Value, start: dict[str, Value]) -> dict[str, Value]:
    """`start` with `value` at `path`."""
    key, *rest = path
    inner = changed(tuple(rest), value, start.get(str(key), {})) if rest else value
    return {**start, str(key): inner}


@pytest.mark.parametrize(
    ("api_version", "kind", "path", "replaces"),
    [
        ("apps/v1", "Deployment", "spec.selector.matchLabels.app", True),
        ("apps/v1", "Deployment", "spec.template.metadata.labels.app", False),
        ("apps/v1", "Deployment", "spec.replicas", False),
        ("apps/v1", "StatefulSet", "spec.serviceName", True),
        ("apps/v1", "DaemonSet", "spec.selector.matchLabels.app", True),
        ("batch/v1", "Job", "spec.template.spec.restartPolicy", True),
        ("batch/v1", "Job", "spec.backoffLimit", False),
        ("v1", "PersistentVolumeClaim", "spec.storageClassName", True),
        ("v1", "PersistentVolumeClaim", "spec.resources.limits.storage", True),
        ("v1", "PersistentVolumeClaim", "metadata.labels.a", False),
        ("v1", "Service", "spec.clusterIP", True),
        ("v1", "Service", "spec.type", False),
        ("v1", "Pod", "spec.nodeName", True),
        ("v1", "Pod", "spec.activeDeadlineSeconds", False),
        ("v1", "Secret", "type", True),
        ("v1", "Secret", "data.key", True),
        ("v1", "ConfigMap", "data.key", True),
        ("v1", "ConfigMap", "metadata.labels.a", False),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef.name", True),
        ("rbac.authorization.k8s.io/v1", "Role", "rules", False),
        ("storage.k8s.io/v1", "StorageClass", "provisioner", True),
        ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "spec.replicas", False),
        ("v1", "ServiceAccount", "metadata.name", True),
        ("v1", "ServiceAccount", "metadata.namespace", True),
    ],
)
def test_a_change_replaces_what_cannot_change_in_place(
    api_version: str,
    kind: str,
    path: str,
    *,
    replaces: bool,
) -> None:
    steps = tuple(path.split("."))
    old = changed(steps, "one", obj(api_version, kind))
    new = changed(steps, "two", obj(api_version, kind))
    assert diff(old, new, RULES).differences == (Difference(steps, Change.UPDATE, replaces),)


def claim(storage: str) -> dict[str, Value]:
    return obj("v1", "PersistentVolumeClaim", spec={"resources": {"requests": {"storage": storage}}})


@pytest.mark.parametrize(("new", "replaces"), [("20Gi", False), ("10240Mi", False), ("9Gi", True), ("lots", True)])
def test_a_claim_may_only_grow(new: str, *, replaces: bool) -> None:
    assert diff(claim("10Gi"), claim(new), RULES).replaces is replaces


@pytest.mark.parametrize(
    ("kind", "rules"), [("Secret", Rules(secrets_mutable=True)), ("ConfigMap", Rules(config_maps_mutable=True))]
)
def test_mutable_mode_updates_in_place_unless_the_object_says_immutable(kind: str, rules: Rules) -> None:
    old, new = obj("v1", kind, data={"a": "1"}), obj("v1", kind, data={"a": "2"})
    assert not diff(old, new, rules).replaces
    assert diff({**old, "immutable": True}, {**new, "immutable": True}, rules).replaces
    assert diff({**old, "immutable": True}, old, rules).replaces


def test_only_a_fixed_name_is_deleted_first() -> None:
    old, new = obj("v1", "ConfigMap", data={"a": "1"}), obj("v1", "ConfigMap", data={"a": "2"})
    assert diff(old, new, RULES).delete_before_replace
    autonamed = {"annotations": {"pulumi.com/autonamed": "true"}, **new["metadata"]}
    assert not diff({**old, "metadata": autonamed}, {**new, "metadata": autonamed}, RULES).delete_before_replace
    assert not diff(old, obj("v1", "ConfigMap", name="y", data={"a": "2"}), RULES).delete_before_replace


def test_what_is_renewed_is_replaced_though_nothing_changed() -> None:
    job = obj("batch/v1", "Job")
    found = diff(job, job, RULES, renewed=True)
    (difference,) = found.differences
    assert difference.path == ("metadata", "annotations", "pulumi.com/replaceUnready")
    assert (found.replaces, found.delete_before_replace) == (True, True)


def test_a_new_kind_replaces() -> None:
    assert diff(obj("v1", "ConfigMap"), obj("v1", "Secret"), RULES).replaces


def test_the_default_namespace_may_be_left_out() -> None:
    given_, left_out = obj("v1", "Secret"), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}
    assert diff(given_, left_out, Rules(default_namespace="n")).differences == ()
    assert diff(given_, left_out, RULES).replaces


def test_an_unknown_value_is_a_change() -> None:
    old = obj("v1", "Service", spec={"selector": {"a": "b"}})
    found = diff(old, obj("v1", "Service", spec={"selector": UNKNOWN}), RULES)
    assert found.differences == (Difference(("spec", "selector"), Change.UPDATE, replaces=False),)


def test_added_and_removed_fields_are_told_apart_and_empty_ones_are_nothing() -> None:
    old, new = obj("v1", "Service", spec={"a": 1, "c": {}}), obj("v1", "Service", spec={"b": [1], "d": []})
    assert diff(old, new, RULES).differences == (
        Difference(("spec", "a"), Change.DELETE, replaces=False),
        Difference(("spec", "b"), Change.ADD, replaces=False),
    )


OBJECTS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(st.integers(), lambda c: st.lists(c) | st.dictionaries(st.sampled_from("abc"), c)),
)


@given(OBJECTS)
def test_nothing_changed_is_no_difference_secret_or_not(spec: dict[str, Value]) -> None:
    assert diff(obj("v1", "Service", spec=spec), obj("v1", "Service", spec=Secret(spec)), RULES).differences == ()
