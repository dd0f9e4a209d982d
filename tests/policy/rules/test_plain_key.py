from nim_policy.rules.plain_key import RULE
from tests.policy.samples import container, found, group, planned, server

KEY = "nvapi-made-up-for-this-test"


def test_a_key_in_a_secret_is_where_it_belongs() -> None:
    secret = planned({"apiVersion": "v1", "kind": "Secret", "stringData": {"NGC_API_KEY": KEY}})
    assert found(RULE, [server(api_key_secret_name="ngc"), group(), secret]) == []


def test_a_key_in_a_variable_is_told_and_not_shown() -> None:
    assert found(RULE, [server(env={"NGC_API_KEY": "anything"})]) == [
        "spec.template.spec.containers.0.env.NGC_API_KEY is a secret in plain text (not shown); "
        "keep it in a Secret and let the container read it by reference"
    ]


def test_a_key_is_recognised_wherever_it_stands() -> None:
    annotated = server(pod_annotations={"note": KEY})
    container(annotated)["args"] = [f"--model=https://me:{KEY}@mirror/x"]
    map_ = planned({"apiVersion": "v1", "kind": "ConfigMap", "data": {"notes": f"key={KEY}"}})
    told = found(RULE, [annotated, map_])
    assert [one.split(" has ")[0] for one in told] == [
        "spec.template.metadata.annotations.note",
        "spec.template.spec.containers.0.args.0",
        "data.notes",
    ]
    assert KEY not in str(told)
