"""What counts as a difference between what was applied and what is."""

from typing import Any

import pytest

from stacks.drift import Difference, differences

APPLIED: dict[str, Any] = {
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "a"}},
        "template": {
            "spec": {
                "nodeSelector": {"gpu": "L40S"},
                "containers": [
                    {
                        "name": "nim",
                        "image": "a@sha256:1",
                        "args": ["--a", "1"],
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                        "resources": {"requests": {"memory": "1024Mi"}, "limits": {"nvidia.com/gpu": "1"}},
                        "volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}],
                    }
                ],
            }
        },
    }
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """A copy of APPLIED with another value at a dotted path; `-` takes it away."""
    import copy  # noqa: PLC0415 - for this alone

    live = copy.deepcopy(APPLIED)
    *above, last = path.split(".")
    part: Any = live
    for step in above:
        part = part[int(step)] if step.isdecimal() else part[step]
    if value == "-":
        del part[int(last) if last.isdecimal() else last]
    elif isinstance(part, list) and last == "+":
        part.append(value)
    else:
        part[int(last) if last.isdecimal() else last] = value
    return live


POD = "spec.template.spec"
NIM = f"{POD}.containers.0"
TOLD = f"{POD}.containers[nim]"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("spec.replicas", 1, "spec.replicas: 2 -> 1"),
        (f"{NIM}.image", "a@sha256:2", f"{TOLD}.image: a@sha256:1 -> a@sha256:2"),
        (f"{NIM}.args", ["--a", "2"], f"{TOLD}.args: ['--a', '1'] -> ['--a', '2']"),
        (f"{NIM}.env.0.value", "9", f"{TOLD}.env[A].value: 1 -> 9"),
        (f"{NIM}.env.1", "-", f"{TOLD}.env[B]: {{'name': 'B', 'value': '2'}} -> nothing"),
        (f"{NIM}.env.+", {"name": "C", "value": "3"}, f"{TOLD}.env[C]: nothing -> {{'name': 'C', 'value': '3'}}"),
        (f"{POD}.nodeSelector", {"gpu": "L4"}, f"{POD}.nodeSelector.gpu: L40S -> L4"),
        (f"{POD}.nodeSelector.zone", "b", f"{POD}.nodeSelector.zone: nothing -> b"),
        (f"{NIM}.resources.limits", {"nvidia.com/gpu": "2"}, f"{TOLD}.resources.limits.nvidia.com/gpu: 1 -> 2"),
        (f"{NIM}.volumeMounts.1", "-", f"{TOLD}.volumeMounts[/b]: {{'name': 'v', 'mountPath': '/b'}} -> nothing"),
        (
            f"{POD}.containers.+",
            {"name": "extra"},
            f"{POD}.containers[extra]: nothing -> {{'name': 'extra'}}",
        ),
    ],
)
def test_a_change_by_hand_is_told_by_its_path(path: str, value: Any, told: str) -> None:
    assert [str(one) for one in differences(APPLIED, changed(path, value))] == [told]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("status", {"replicas": 1}),
        ("spec.revisionHistoryLimit", 10),
        (f"{NIM}.imagePullPolicy", "IfNotPresent"),
        (f"{NIM}.resources.requests.memory", "1Gi"),
        (f"{NIM}.resources.limits", {"nvidia.com/gpu": 1}),
        (f"{NIM}.env", [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]),
        (f"{POD}.tolerations", [{"key": "x"}]),
    ],
)
def test_what_the_server_fills_in_or_spells_otherwise_is_no_change(path: str, value: Any) -> None:
    assert differences(APPLIED, changed(path, value)) == ()


def test_differences_come_in_the_order_of_their_paths() -> None:
    assert [one.path for one in differences({"b": 1, "a": 1, "c": {"a": 1}}, {"c": {}})] == ["a", "b", "c.a"]
    assert differences({"a": 1}, {}) == (Difference("a", 1, None),)
