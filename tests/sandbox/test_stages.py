import json
import re

import pytest
import yaml

from nim_profiles.instance import catalogue
from nim_sandbox.stages import FAILURES, node_facts, stages_text

STAGES = {stage["metadata"]["name"]: stage["spec"] for stage in yaml.safe_load_all(stages_text()) if stage}


@pytest.mark.parametrize("name", catalogue())
def test_every_instance_type_gets_what_its_kubelet_and_gpu_feature_discovery_would_say(name: str) -> None:
    instance, facts = catalogue()[name], node_facts()[name]
    assert facts["allocatable"]["nvidia.com/gpu"] == facts["capacity"]["nvidia.com/gpu"] == str(instance.gpu_count)
    assert facts["allocatable"]["cpu"] == str(instance.cpu_count)
    assert facts["labels"]["nvidia.com/gpu.product"] == instance.gpu.product
    assert facts["labels"]["nvidia.com/gpu.count"] == str(instance.gpu_count)
    assert int(facts["labels"]["nvidia.com/gpu.memory"]) * 1024 * 1024 == instance.gpu.memory_bytes
    label_value = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
    assert all(label_value.fullmatch(value) for value in facts["labels"].values())


def test_a_p5_48xlarge_in_full() -> None:
    assert node_facts()["p5.48xlarge"] == {
        "labels": {
            "nvidia.com/gpu.present": "true",
            "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
            "nvidia.com/gpu.count": "8",
            "nvidia.com/gpu.memory": "81559",
            "nvidia.com/gpu.compute.major": "9",
            "nvidia.com/gpu.compute.minor": "0",
            "nvidia.com/gpu.family": "hopper",
            "nvidia.com/gpu.machine": "p5.48xlarge",
            "nvidia.com/gpu.mode": "compute",
            "nvidia.com/gpu.replicas": "1",
            "nvidia.com/gpu.sharing-strategy": "none",
        },
        "capacity": {
            "cpu": "192",
            "memory": "2097152Mi",
            "ephemeral-storage": "30400000000000",
            "pods": "110",
            "nvidia.com/gpu": "8",
            "vpc.amazonaws.com/efa": "32",
            "hugepages-2Mi": "10256Mi",
        },
        "allocatable": {
            "cpu": "192",
            "memory": "2084848Mi",
            "ephemeral-storage": "30400000000000",
            "pods": "110",
            "nvidia.com/gpu": "8",
            "vpc.amazonaws.com/efa": "32",
            "hugepages-2Mi": "10256Mi",
        },
    }


def test_the_tables_stand_in_the_templates_as_they_are() -> None:
    template = STAGES["node-joins"]["steps"][0]["patch"]["template"]
    table = re.search(r"fromJson `(.*)`", template)
    assert table is not None
    assert json.loads(table[1]) == node_facts()
    failures = re.search(r"fromJson `(.*)`", STAGES["pod-fails"]["steps"][1]["patch"]["template"])
    assert failures is not None
    assert json.loads(failures[1]) == FAILURES
