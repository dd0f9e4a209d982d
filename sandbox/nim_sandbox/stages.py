"""kwok's configuration: the stages of `data/stages.yaml` with the facts of every instance type filled in."""

import json
from importlib.resources import files
from typing import Any

from nim_profiles.instance import catalogue
from nim_sandbox.nodes import allocatable, capacity, gpu_feature_labels

PLAIN_NODE = {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110"}
"""A simulated node whose instance type is not in the catalogue has no GPU and is this large."""

FAILURES: dict[str, dict[str, str | int]] = {
    "no-compatible-profile": {
        "exitCode": 1,
        "reason": "Error",
        "message": "Detected 0 compatible profile(s). Could not find a profile that is currently runnable with the "
        "detected hardware. Please check the system information below and make sure you have enough free GPUs.",
    },
    "out-of-memory": {
        "exitCode": 137,
        "reason": "OOMKilled",
        "message": "Estimated VRAM (45.2 GB) exceeds available GPU memory (39.6 GB). Consider reducing context length "
        "with --max-model-len=4096 (estimated 30.1 GB).",
    },
}
"""What the annotation `sandbox.nim/fail` of a pod may say. Messages as seen in published NIM logs."""


def node_facts() -> dict[str, dict[str, dict[str, str]]]:
    """Labels, capacity and allocatable by instance type; under the empty name those of every other node."""
    return {"": {"labels": {}, "capacity": PLAIN_NODE, "allocatable": PLAIN_NODE}} | {
        name: {
            "labels": gpu_feature_labels(instance),
            "capacity": capacity(instance),
            "allocatable": allocatable(instance),
        }
        for name, instance in catalogue().items()
    }


def stages_text() -> str:
    """YAML documents for `kwok --config`."""
    text = files("nim_sandbox").joinpath("data/stages.yaml").read_text(encoding="utf-8")
    return text.replace("`NODE_FACTS`", f"`{_one_line(node_facts())}`").replace(
        "`FAILURES`", f"`{_one_line(FAILURES)}`"
    )


def _one_line(value: Any) -> str:  # Any: whatever JSON holds
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
