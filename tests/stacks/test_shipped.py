"""Every stack file that is shipped plans as it stands."""

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from nim_profiles.stack_wants import NOT_BUILT
from nim_sandbox.images import nim, vllm
from nim_sandbox.images.lock import lock_images
from stacks.faults import BadStackFile
from stacks.preflight import planned
from stacks.selected import ROOT, planned_from
from stacks.settings import API_KEY, json_schema
from stacks.stack_file import read_raw, stack_file_name

SHIPPED = sorted(path.name.split(".")[1] for path in (ROOT / "stacks").glob("Pulumi.*.yaml"))
REAL = "real"
"""Its images have digests only once this machine has made them."""
STACKS = [stack for stack in SHIPPED if stack != REAL]
IMAGES = {vllm.REFERENCE: vllm.manifest(), nim.REFERENCES[2]: nim.manifest(2)}
EXAMPLES = [stack for stack in STACKS if stack.startswith("example-")]
WITHOUT_KEY = ["eks-sandbox", "local", *EXAMPLES]


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_stack_file_lacks_nothing_but_its_key(stack: str) -> None:
    raw = read_raw(ROOT, stack)
    if stack not in WITHOUT_KEY:
        raw = {**raw, API_KEY: {"secure": "v1:made-up"}}
    assert planned_from(raw, ROOT, stack, stack_file_name(stack)).endpoints


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_of_a_shipped_stack_file_lacks_nothing_and_says_whose_place_is_taken(stack: str) -> None:
    notes = planned(ROOT, stack, preview=True).notes
    assert any("a stand-in takes its place" in note for note in notes) == (stack not in WITHOUT_KEY)


@pytest.mark.parametrize("stack", sorted({*STACKS} - {*WITHOUT_KEY}))
def test_an_up_of_a_stack_without_its_key_is_refused(stack: str) -> None:
    with pytest.raises(BadStackFile, match="nim:ngcApiKey: is missing, and this stack pulls from NVIDIA"):
        planned(ROOT, stack)


@pytest.mark.parametrize("stack", SHIPPED)
def test_editors_find_nothing_wrong_with_a_shipped_stack_file(stack: str) -> None:
    content = yaml.safe_load((ROOT / stack_file_name(stack)).read_text(encoding="utf-8"))
    jsonschema.validate(content, json_schema())


@pytest.mark.parametrize("stack", WITHOUT_KEY)
def test_a_sandbox_runs_as_it_is_shipped(stack: str) -> None:
    assert planned(Path(ROOT), stack).cluster.sandbox == stack


def test_the_stack_with_real_containers_plans_once_its_images_are_made(tmp_path: Path) -> None:
    (tmp_path / "stacks").symlink_to(ROOT / "stacks")
    with pytest.raises(BadStackFile, match="this machine has not built yet"):
        planned(tmp_path, REAL)
    lock_images(tmp_path / ".sandbox", dict.fromkeys(IMAGES, f"sha256:{'3' * 64}"), IMAGES)
    plan = planned(tmp_path, REAL)
    assert [(one.name, one.fit, one.launcher is None) for one in plan.endpoints] == [
        ("tiny-nim", None, True),
        ("tiny-vllm", None, False),
    ]
    assert plan.cluster.real_node


def test_its_preview_needs_no_image_and_says_whose_place_is_taken_but_an_up_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stacks").symlink_to(ROOT / "stacks")
    lock_images(tmp_path / ".sandbox", dict.fromkeys(IMAGES, NOT_BUILT), IMAGES)
    assert planned(tmp_path, REAL, preview=True).notes == tuple(
        f"{image} is not built on this machine yet: a stand-in takes the place of its digest in this preview"
        for image in sorted(IMAGES)
    )
    with pytest.raises(BadStackFile, match=r"tiny-vllm.image: found .*, which this machine has not built yet; run"):
        planned(tmp_path, REAL)


def test_the_readmes_first_change_is_one_that_works() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    profile = re.search(r"profile: ([0-9a-f]{64}) # was", text)
    assert profile is not None
    raw = read_raw(ROOT, "local")
    raw["endpoints"]["llama-8b"]["profile"] = profile[1]
    plan = planned_from(raw, ROOT, "local", "stacks/Pulumi.local.yaml")
    assert plan.endpoints[0].profile.id == profile[1]
