from pathlib import Path
from typing import Any

import pytest

from stacks.deploy import deploy
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import make_plan
from tests.recording import record
from tests.stacks.samples import FILE, LOCK
from tests.stacks.test_eks import content as on_eks
from tests.stacks.test_karpenter import content as on_karpenter

REAL = {"cluster": {"context": "mine"}, "gpu_operator": True}


def plan(wanted: dict[str, Any]) -> Plan:
    return make_plan(wanted, LOCK, Path(), stack="test", file=FILE)


def faults(wanted: dict[str, Any]) -> list[str]:
    with pytest.raises(BadStackFile) as refused:
        plan(wanted)
    return str(refused.value).splitlines()


@pytest.mark.parametrize("content", [on_eks(), on_karpenter()], ids=["eks", "karpenter"])
def test_the_operator_brings_the_device_plugin_for_every_pool(content: dict[str, Any]) -> None:
    made = record(lambda: deploy(plan({**content, **REAL}))).resources
    names = [one.name for one in made]
    assert "gpu-operator" in names
    assert "nvidia-device-plugin-l40s" not in names


def test_without_a_word_of_it_there_is_no_operator() -> None:
    names = [one.name for one in record(lambda: deploy(plan({**on_eks(), **REAL, "gpu_operator": False}))).resources]
    assert "gpu-operator" not in names
    assert "nvidia-device-plugin-l40s" in names


def test_a_preview_says_what_nvidia_does_not_test() -> None:
    (note,) = plan({**on_eks(node_count=1), **REAL}).notes
    assert note.startswith("NVIDIA's GPU operator v26.7.0 is installed for the whole cluster, without driver")


def test_a_sandbox_has_nothing_to_operate() -> None:
    (line,) = faults({**on_eks(), "gpu_operator": True})
    assert line.startswith(f"{FILE}: nim:gpu_operator: found true in a sandbox, whose nodes have no GPUs to operate")


def test_nodes_of_somebody_else_are_left_to_them() -> None:
    existing = {**on_eks(), **REAL, "pools": {"l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S"}}}
    (line,) = faults(existing)
    assert line.startswith(f"{FILE}: nim:gpu_operator: found true, but no pool is made on EKS")


@pytest.mark.parametrize("content", [on_eks(image="bottlerocket"), on_karpenter(image="bottlerocket@v1.50.0")])
def test_two_device_plugins_never_contend_for_the_same_gpus(content: dict[str, Any]) -> None:
    (line,) = faults({**content, **REAL})
    assert line.startswith(f"{FILE}: nim:pools.l40s.image: found bottlerocket, which brings a device plugin of its own")
