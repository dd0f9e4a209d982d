"""Field ownership after taking over: ours alone, but for controllers and subresources."""

from typing import Any

from stacks.ownership import sole_owner

NAME: dict[str, Any] = {
    "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"llm"}': {".": {}, "f:image": {}}}}}}
}
LABEL: dict[str, Any] = {"f:metadata": {"f:labels": {"f:app": {}}}}


def entry(manager: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "apps/v1",
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        **more,
    }


def test_what_kubectl_and_helm_own_becomes_ours() -> None:
    owned = sole_owner([entry("kubectl-client-side-apply", NAME), entry("helm", LABEL, time="2026-02-02T00:00:00Z")])
    assert owned == [
        {
            "manager": "pulumi-kubernetes",
            "operation": "Apply",
            "apiVersion": "apps/v1",
            "time": "2026-02-02T00:00:00Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": {**LABEL, **NAME},
        }
    ]


def test_fields_of_several_owners_are_united() -> None:
    more: dict[str, Any] = {"f:metadata": {"f:labels": {"f:team": {}}}}
    (ours,) = sole_owner([entry("a", LABEL), entry("b", more)])
    assert ours["fieldsV1"] == {"f:metadata": {"f:labels": {"f:app": {}, "f:team": {}}}}


def test_controllers_and_subresources_keep_what_they_write() -> None:
    theirs = [entry("kube-controller-manager", LABEL), entry("kubectl", LABEL, subresource="scale")]
    assert sole_owner(theirs) == theirs
    assert sole_owner([entry("kubectl", NAME), *theirs])[1:] == theirs


def test_what_admission_added_stays_nobodys_to_take_away() -> None:
    fields: dict[str, Any] = {
        "f:metadata": {"f:finalizers": {".": {}}, "f:ownerReferences": {}, "f:labels": {"f:app": {}}}
    }
    (ours,) = sole_owner([entry("kubectl", fields)])
    assert ours["fieldsV1"] == LABEL


def test_taking_over_twice_changes_nothing() -> None:
    once = sole_owner([entry("kubectl", NAME), entry("kube-controller-manager", LABEL)])
    assert sole_owner(once) == once
