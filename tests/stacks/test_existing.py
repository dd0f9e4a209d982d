import copy

import pytest

from nim_profiles.lock import Lock
from nim_profiles.locked_image import LockedImage
from pulumi_nim.gpu_node_pool import ExistingNodes
from pulumi_nim.manifests.processors import Processors
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import make_plan
from tests.stacks.samples import FILE, FP8, IMAGE, LOCK, LOCK_FOLDER, REFERENCE

CPU = "e" * 64
GPUS = {"back_end": "existing", "gpu": "NVIDIA-L40S"}
PROCESSORS = {"back_end": "existing", "processors": {"cpu": 0.5, "memory_gib": 3}, "node_labels": {"team": "a"}}


def lock() -> Lock:
    image = LOCK.images[REFERENCE]
    tags = {"gpu": "cpu", "precision": "fp32", "tp": "1", "pp": "1", "llm_engine": "vllm", "feat_lora": "false"}
    cpu = image.rows[0].model_copy(update={"id": CPU, "name": "vllm-cpu-fp32-tp1-pp1", "tags": tags})
    # Made anew, not copied: a copy would take along what the image has already worked out of its rows.
    more = LockedImage(digest=image.digest, source=image.source, model=image.model, profiles=(*image.rows, cpu))
    return Lock(images={REFERENCE: more})


def planned(pool: object, profile: str) -> Plan:
    raw = {
        "cluster": {"sandbox": "test"},
        "needs_ngc_key": False,
        "pools": {"nodes": copy.deepcopy(pool)},
        "endpoints": {"llama": {"image": IMAGE, "profile": profile, "pool": "nodes"}},
    }
    return make_plan(raw, lock(), LOCK_FOLDER, stack="test", file=FILE)


def refusal(pool: object, profile: str) -> str:
    with pytest.raises(BadStackFile) as refused:
        planned(pool, profile)
    return str(refused.value)


def test_a_pool_without_gpus_says_what_a_replica_takes() -> None:
    nodes = planned(PROCESSORS, CPU).pools["nodes"]
    assert isinstance(nodes, ExistingNodes)
    assert nodes.processors == Processors(cpu_millis=500, memory_bytes=3 << 30)
    assert nodes.node_labels == {"team": "a"}


def test_memory_of_a_gpu_is_not_estimated_where_there_is_none_and_no_note_regrets_it() -> None:
    plan = planned(PROCESSORS, CPU)
    assert plan.endpoints[0].fit is None
    assert not [note for note in plan.notes if "not estimated" in note]


def test_a_profile_for_gpus_is_refused_on_nodes_without_any() -> None:
    assert refusal(PROCESSORS, FP8) == (
        "stacks/Pulumi.test.yaml: nim:endpoints.llama.pool: found a pool without GPUs, and vllm-fp8-tp1-pp1-27.0 needs "
        "them; choose a pool with gpu, or a profile for cpu"
    )


def test_a_profile_for_processors_is_refused_on_nodes_with_gpus() -> None:
    assert refusal(GPUS, CPU) == (
        "stacks/Pulumi.test.yaml: nim:endpoints.llama.pool: found a pool with GPUs, and vllm-cpu-fp32-tp1-pp1 runs on "
        "processors alone; choose a pool with processors"
    )


@pytest.mark.parametrize("pool", [{"back_end": "existing"}, {**GPUS, **PROCESSORS}])
def test_existing_nodes_have_either_a_gpu_or_processors(pool: object) -> None:
    assert "name exactly one of gpu and processors" in refusal(pool, FP8)
