import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from nim_profiles.lock import Lock
from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import make_plan
from tests.stacks.samples import BF16, FILE, FP8, HUGE, IMAGE, LOCK, LOCK_FOLDER, REFERENCE, SHAPELESS, TP8, raw


def plan(content: dict[str, Any], lock: Lock = LOCK) -> Plan:
    return make_plan(content, lock, LOCK_FOLDER, stack="test", file=FILE)


def faults(content: dict[str, Any], lock: Lock = LOCK) -> list[str]:
    with pytest.raises(BadStackFile) as refused:
        plan(content, lock)
    return str(refused.value).splitlines()


def edited(edit: Callable[[dict[str, Any]], object], **endpoint: Any) -> dict[str, Any]:
    content = raw(**endpoint)
    edit(content)
    return content


def test_the_numbers_of_an_endpoint_are_settled_on_paper() -> None:
    (endpoint,) = plan(raw(replicas=2)).endpoints
    assert endpoint.profile.id == FP8
    assert endpoint.gpu_total == 2
    assert endpoint.cache_bytes == 11 * GIB
    assert endpoint.start_up_seconds == 300 + 300 + 69
    assert endpoint.access_mode is AccessMode.ONE_NODE
    assert endpoint.claim_name.startswith("llama-cache-")


def test_the_order_of_a_stack_file_never_matters() -> None:
    def reverse(content: dict[str, Any]) -> None:
        content["endpoints"] = dict(reversed(content["endpoints"].items()))
        content["pools"] = dict(reversed(content["pools"].items()))

    def grow(content: dict[str, Any]) -> None:
        content["endpoints"]["another"] = copy.deepcopy(content["endpoints"]["llama"])
        content["pools"]["h100"] = {"back_end": "existing", "gpu": "NVIDIA-H200"}

    forth = edited(grow)
    back = copy.deepcopy(forth)
    reverse(back)
    assert plan(forth) == plan(back)


def test_a_size_in_the_file_beats_the_computed_one() -> None:
    (endpoint,) = plan(raw(cache_gib=77)).endpoints
    assert endpoint.cache_bytes == 77 * GIB


def test_too_few_gpus_are_refused_before_anything_is_pending() -> None:
    assert plan(raw(replicas=4)).notes == ()
    assert faults(raw(replicas=5)) == [
        f"{FILE}: nim:pools.l40s: has 4 of the 5 GPUs that its endpoints want (llama 5 x 1); "
        "write node_count: 2, or fewer replicas"
    ]


def test_an_unknown_download_is_said() -> None:
    (note,) = plan(raw(profile=BF16)).notes
    assert note.startswith(
        "endpoint llama: the lock file does not say how much its profile downloads; its cache has 10.0"
    )


ID = "nim:endpoints.llama.profile"
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key names the nearest": (
        raw(replica=2),
        f"{FILE}: nim:endpoints.llama.replica: is not a key here, nearest: replicas; remove or rename it",
    ),
    "an unknown key at the top": (
        edited(lambda c: c.update(endpoint={})),
        f"{FILE}: nim:endpoint: is not a key here, nearest: endpoints; remove or rename it",
    ),
    "an unknown key of a pool": (
        edited(lambda c: c["pools"]["l40s"].update(instancetype="x")),
        f"{FILE}: nim:pools.l40s.instancetype: is not a key here, nearest: instance_type; remove or rename it",
    ),
    "a wrong type": (
        raw(replicas="two"),
        f"{FILE}: nim:endpoints.llama.replicas: found 'two'; write a whole number",
    ),
    "a missing key": (raw(image=None), f"{FILE}: nim:endpoints.llama.image: is missing; add it"),
    "an image without digest": (
        raw(image=REFERENCE),
        f"{FILE}: nim:endpoints.llama.image: found '{REFERENCE}', which has no digest; append @sha256:<64 hex> "
        "(`docker buildx imagetools inspect` prints it)",
    ),
    "the tag latest": (
        raw(image=IMAGE.replace("2.0.6", "latest")),
        f"{FILE}: nim:endpoints.llama.image: found '{IMAGE.replace('2.0.6', 'latest')}', which has the tag "
        "`latest`, which names another image tomorrow; write the version, and its digest",
    ),
    "a gpu count that contradicts the profile": (
        raw(gpu_count=2),
        f"{FILE}: nim:endpoints.llama.gpu_count: found 2, but vllm-fp8-tp1-pp1-27.0 runs tensor 1 x pipeline 1 = 1; "
        "write that, or leave the key out",
    ),
    "nodes with too few gpus": (
        raw(profile=TP8),
        f"{FILE}: nim:endpoints.llama.pool: found nodes of g6e.12xlarge with 4 GPUs each, and one replica needs 8 on "
        "one node; choose a pool of larger nodes or another profile",
    ),
    "no replica": (
        raw(replicas=0),
        f"{FILE}: nim:endpoints.llama.replicas: found 0; write a whole number of at least 1",
    ),
    "fewer than no replica": (
        raw(replicas=-1),
        f"{FILE}: nim:endpoints.llama.replicas: found -1; write a whole number of at least 1",
    ),
    "a name that Kubernetes would refuse": (
        edited(lambda c: c["endpoints"].update({"Llama_8B": c["endpoints"].pop("llama")})),
        f"{FILE}: nim:endpoints.Llama_8B: found 'Llama_8B', which Kubernetes would refuse as a name; write lower-case "
        "letters, digits and '-', a letter first, no '-' last, at most 40 characters",
    ),
    "a pool that is not there": (
        raw(pool="h100"),
        f"{FILE}: nim:endpoints.llama.pool: found 'h100'; pools here: l40s",
    ),
    "an unknown instance type": (
        edited(lambda c: c["pools"]["l40s"].update(instance_type="g6e.12xlrge")),
        f"{FILE}: nim:pools.l40s.instance_type: found 'g6e.12xlrge', which is not an instance type with NVIDIA GPUs in "
        "the catalogue; nearest: g6e.12xlarge",
    ),
    "an unknown back end": (
        edited(lambda c: c["pools"]["l40s"].update(back_end="gke")),
        f"{FILE}: nim:pools.l40s.back_end: found 'gke'; write eks, existing, karpenter or simulated",
    ),
    "a key that is needed and missing": (
        edited(lambda c: c.update(needs_ngc_key=True)),
        f"{FILE}: nim:ngcApiKey: is missing, and this stack pulls from NVIDIA; set it with `pulumi config set --secret "
        "nim:ngcApiKey`, or set nim:needs_ngc_key to false",
    ),
    "two clusters": (
        edited(lambda c: c["cluster"].update(context="x")),
        f"{FILE}: nim:cluster: names none or several of sandbox, context and eks; name one of them",
    ),
    "no endpoint": (edited(lambda c: c.update(endpoints={})), f"{FILE}: nim:endpoints: is empty; name at least one"),
}


@pytest.mark.parametrize(("content", "line"), WRONG.values(), ids=WRONG)
def test_a_fault_is_one_line_with_file_key_found_and_fix(content: dict[str, Any], line: str) -> None:
    assert faults(content) == [line]


def test_an_absent_id_names_the_closest_profiles() -> None:
    wanted = FP8[:-1] + "0"
    (line,) = faults(raw(profile=wanted))
    start = f"{FILE}: {ID}: found {wanted}, which this image does not offer; closest: {FP8} (vllm-fp8-tp1-pp1-27.0); "
    assert line.startswith(start)
    assert len(line.split("closest: ")[1].split("; ")) == 3


def test_an_image_that_is_not_locked_names_the_locked_ones() -> None:
    (line,) = faults(raw(image=IMAGE.replace("2.0.6", "9.9.9")))
    assert line.startswith(f"{FILE}: nim:endpoints.llama.image: ")
    assert IMAGE in line


def test_every_fault_of_a_file_is_told_at_once() -> None:
    content = raw(replica=2, replicas=0, gpu_count=3, pool="h100")
    content["endpoints"]["other"] = {"image": REFERENCE, "profile": FP8, "pool": "l40s"}
    content["namespace"] = "Not A Name"
    keys = [line.split(": ")[1] for line in faults(content)]
    assert sorted(keys) == [
        "nim:endpoints.llama.gpu_count",
        "nim:endpoints.llama.pool",
        "nim:endpoints.llama.replica",
        "nim:endpoints.llama.replicas",
        "nim:endpoints.other.image",
        "nim:namespace",
    ]


def test_an_endpoint_low_on_memory_is_refused_with_what_to_write() -> None:
    on_l4 = edited(lambda c: c["pools"]["l40s"].update(instance_type="g6.12xlarge"), profile=FP8)
    (line,) = faults(on_l4)
    assert line.startswith(f"{FILE}: {ID}: found vllm-fp8-tp1-pp1-27.0, which does not run on NVIDIA-L4: ")
    assert "low memory; needs " in line
    assert "write max_model_len: " in line


def test_what_a_refusal_says_to_write_makes_the_endpoint_run() -> None:
    on_l4 = edited(lambda c: c["pools"]["l40s"].update(instance_type="g6.12xlarge"), profile=FP8)
    (line,) = faults(on_l4)
    length = int(re.search(r"write max_model_len: (\d+) under settings", line)[1])  # type: ignore[index]  # asserted above
    on_l4["endpoints"]["llama"]["settings"] = {"max_model_len": length}
    (endpoint,) = plan(on_l4).endpoints
    assert endpoint.fit is not None
    assert endpoint.fit.verdict == "compatible"
    assert endpoint.env["NIM_MAX_MODEL_LEN"] == str(length)


def test_gpus_that_lack_the_precision_are_refused() -> None:
    on_a100 = edited(lambda c: c["pools"]["l40s"].update(instance_type="p4d.24xlarge"), profile=FP8)
    (line,) = faults(on_a100)
    assert "does not run on NVIDIA-A100-SXM4-40GB: fp8 needs compute capability 8.9" in line


def test_without_a_shape_nvidias_own_figure_decides() -> None:
    (line,) = faults(raw(profile=HUGE), SHAPELESS)
    assert line == (
        f"{FILE}: {ID}: found vllm-bf16-tp1-pp1-200.0, which asks for 200 GB of each GPU; NVIDIA-L40S has 44.7 GiB; "
        "choose another profile or another pool"
    )
    (endpoint,) = plan(raw(), SHAPELESS).endpoints
    assert endpoint.fit is None
    assert "memory was not estimated" in plan(raw(), SHAPELESS).notes[0]


def test_a_setting_has_one_place() -> None:
    twice = raw(settings={"max_model_len": 4096}, env={"NIM_MAX_MODEL_LEN": "8192"})
    assert faults(twice) == [
        f"{FILE}: nim:endpoints.llama.env.NIM_MAX_MODEL_LEN: is what nim:endpoints.llama.settings is written to; "
        "say it in one place"
    ]


def test_a_secret_in_the_environment_is_refused_without_being_repeated() -> None:
    (line,) = faults(raw(env={"NGC_API_KEY": "nvapi-made-up"}))
    assert line.startswith(f"{FILE}: nim:endpoints.llama.env.NGC_API_KEY: ")
    assert "nvapi-made-up" not in line


def test_the_pinned_profile_has_one_place() -> None:
    (line,) = faults(raw(env={"NIM_MODEL_PROFILE": "default"}))
    assert line.startswith(f"{FILE}: nim:endpoints.llama.env.NIM_MODEL_PROFILE: ")


def test_an_unknown_variable_is_a_note() -> None:
    (note,) = plan(raw(env={"NIM_LOGLEVEL": "INFO"})).notes
    assert note.startswith("endpoint llama: NIM_LOGLEVEL ")


def test_a_plain_vllm_image_needs_its_manifest_in_the_lock_file() -> None:
    assert faults(raw(engine="vllm")) == [
        f"{FILE}: nim:endpoints.llama.engine: found vllm, but the lock file has no manifest of this image; lock it "
        "from a manifest file"
    ]
