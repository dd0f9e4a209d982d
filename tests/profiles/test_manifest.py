"""Manifests: all schemas read, what is written reads back equal, and every fault is told once with its line."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.manifest import BadManifest, Manifest, parse_manifest, read_manifest, write_manifest
from nim_profiles.name import ProfileName
from nim_profiles.profile import Artifact, Profile
from nim_profiles.profile_id import profile_id

LLAMA = Path(__file__).parents[2] / "stacks" / "manifests" / "llama-3.1-8b-instruct_2.0.6.yaml"
ID = "8835c31752fbc67ef658b20a9f78e056914fdef0660206d82f252d62fd96064d"
V1 = f"""
{ID}:
  model: meta/llama3-8b-instruct
  release: 1.0.0
  tags: {{feat_lora: 'false', llm_engine: vllm, precision: fp16, tp: '2'}}
  container_url: nvcr.io/nim/meta/llama3-8b-instruct:1.0.0
  workspace: !workspace
    components:
    - dst: ''
      src:
        repo_id: ngc://nim/meta/llama3-8b-instruct:hf
        files: &files
        - !name config.json
        - !name part 1.safetensors
    - dst: engine/
      src: {{repo_id: 'ngc://nim/meta/llama3-8b-instruct:trt', files: *files}}
"""


def test_a_real_manifest_gives_its_profiles_with_names_and_files() -> None:
    manifest = read_manifest(LLAMA)
    assert (manifest.schema_version, manifest.model) == ("2.1", "meta/llama-3.1-8b-instruct")
    assert [(profile.name, len(profile.artifacts)) for profile in manifest.profiles] == [
        ("vllm-bf16-tp1-pp1-33.0", 18),
        ("vllm-nvfp4-tp1-pp1-feat_lora-24.0", 12),
        ("vllm-fp8-tp1-pp1-feat_lora-27.0", 12),
        ("vllm-bf16-tp1-pp1-feat_lora-33.0", 18),
        ("vllm-nvfp4-tp1-pp1-24.0", 12),
        ("vllm-fp8-tp1-pp1-27.0", 12),
    ]
    assert all(profile_id(profile.tags) == profile.id for profile in manifest.profiles)
    assert len({profile.workspace_hash for profile in manifest.profiles}) == 3


def test_a_manifest_of_1_x_maps_ids_to_profiles_with_components() -> None:
    (profile,) = (manifest := parse_manifest(V1)).profiles
    assert (manifest.schema_version, manifest.model, manifest.release) == ("1", "meta/llama3-8b-instruct", "1.0.0")
    assert (profile.id, profile.name, profile.gpu_count) == (ID, "vllm-fp16-tp2", 2)
    assert [(artifact.path, artifact.uri) for artifact in profile.artifacts] == [
        ("config.json", "ngc://nim/meta/llama3-8b-instruct:hf?file=config.json"),
        ("part 1.safetensors", "ngc://nim/meta/llama3-8b-instruct:hf?file=part%201.safetensors"),
        ("engine/config.json", "ngc://nim/meta/llama3-8b-instruct:trt?file=config.json"),
        ("engine/part 1.safetensors", "ngc://nim/meta/llama3-8b-instruct:trt?file=part%201.safetensors"),
    ]


@pytest.mark.parametrize("version", ["2.0", "2.0.0", "2.1", "2.7"])
def test_schema_2_reads_in_every_minor_version_with_keys_it_does_not_know(version: str) -> None:
    row = f"{{id: {ID}, tags: {{llm_engine: vllm}}, new: 1}}"
    manifest = parse_manifest(f"schema_version: '{version}'\nnew: [1]\nrelease: 2.0\nprofiles: [{row}]")
    assert (manifest.release, manifest.model, manifest.profiles[0].name) == ("2.0", None, "vllm")


def test_sizes_count_only_where_every_file_has_one() -> None:
    files = "files: {a: {uri: u, size: 5}, b: {uri: v%s}}"
    row = f"profiles: [{{id: {ID}, tags: {{llm_engine: vllm}}, workspace: {{{files}}}}}]"
    assert parse_manifest(row % ", size_bytes: 7").profiles[0].download_bytes == 12
    assert parse_manifest(row % "").profiles[0].download_bytes is None


def test_the_answer_of_the_manifest_endpoint_reads_like_the_file() -> None:
    text = LLAMA.read_text(encoding="utf-8")
    answer = parse_manifest(json.dumps({"manifest_file": text, "repository_override": ""}))
    assert answer == read_manifest(LLAMA)
    assert answer.sha256 == read_manifest(LLAMA).sha256


def test_every_fault_is_told_once_with_its_line() -> None:
    text = f"""schema_version: '2.1'
model: [a]
profiles:
- id: xyz
  tags: {{tp: 1, pp: '0', feat_lora: maybe, precision: , llm_engine: vllm}}
- tags: 5
- id: {ID}
  tags: {{tp: '1', llm_engine: 'vllm x'}}
  workspace: {{files: {{a: {{checksum: x}}, b: 3, c: {{uri: u, size: -1}}}}, components: {{}}}}
- 7
- id: {ID}
  tags: {{llm_engine: vllm}}
"""
    with pytest.raises(BadManifest) as refused:
        parse_manifest(text, source="m.yaml")
    assert refused.value.faults == [
        "m.yaml:2: model: found a list: a word belongs here",
        "m.yaml:4: profiles[0].id: found 'xyz': an id is 64 lower-case hex characters",
        "m.yaml:5: profiles[0].tags.feat_lora: found 'maybe': 'true' or 'false' belongs here",
        "m.yaml:5: profiles[0].tags.pp: found '0': a whole number from 1 to 9999 belongs here",
        "m.yaml:5: profiles[0].tags.precision: found nothing: tag values are texts, write ''",
        "m.yaml:5: profiles[0].tags.tp: found the int 1: tag values are texts, write '1'",
        "m.yaml:6: profiles[1].id: found no such key: it is required",
        "m.yaml:6: profiles[1].tags: found the int 5: a mapping belongs here",
        "m.yaml:8: profiles[2].tags: found 'vllm x-tp1': the tags make no profile name: no name has the character ' '",
        "m.yaml:9: profiles[2].workspace.components: found a mapping: a list belongs here",
        "m.yaml:9: profiles[2].workspace.files[a].uri: found no such key: it is required",
        "m.yaml:9: profiles[2].workspace.files[b]: found the int 3: a mapping belongs here",
        "m.yaml:9: profiles[2].workspace.files[c].size: found the int -1: a whole number of bytes belongs here",
        "m.yaml:10: profiles[3]: found the int 7: a mapping belongs here",
        f"m.yaml:11: profiles[4].id: found {ID}, as on line 7: an id stands once",
    ]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"a: \xff", "file: found byte 0xff, which is not UTF-8: give a model manifest, saved as UTF-8"),
        (b"a" * (8 * 1024 * 1024 + 1), "file: found more than 8388608 bytes: give a model manifest"),
        (b"- a", "manifest: found a list: a mapping belongs here"),
        (b"a: 1", "manifest: found no `profiles` and no id as a key: give a model manifest"),
        (b"schema_version: '3.0'", "schema_version: found '3.0': this reads 1.x and 2.x"),
        (b"schema_version: '2.0'", "profiles: found no such key: a list of profiles belongs here"),
        (b"a: 1\x00", "YAML: the control character '\\x00'; this is no text file"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, raw: bytes, fault: str) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_bytes(raw)
    with pytest.raises(BadManifest) as refused:
        read_manifest(path)
    assert refused.value.faults == [f"{path}:1: {fault}"]


def test_a_file_of_nonsense_answers_with_a_bounded_number_of_faults() -> None:
    with pytest.raises(BadManifest) as refused:
        parse_manifest("profiles:\n" + "- 1\n" * 1000)
    assert len(refused.value.faults) == 201
    assert refused.value.faults[-1] == "manifest: and 800 more faults"


WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
TAGS = st.fixed_dictionaries(
    {"llm_engine": st.sampled_from(["vllm", "sglang"]), "tp": st.integers(1, 16).map(str)},
    optional={
        "precision": st.sampled_from(["bf16", "fp8"]),
        "feat_lora": st.sampled_from(["true", "false"]),
        "min_vram_per_device_gb": st.sampled_from(["33.0", "8.5"]),
        "something_new": WORD,
    },
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    tags = draw(TAGS)
    paths = draw(st.lists(WORD, max_size=3, unique=True))
    size = st.none() | st.integers(0, 10**12)
    artifacts = tuple(Artifact(path, draw(WORD), draw(st.none() | WORD), draw(size)) for path in paths)
    sizes = [artifact.size_bytes for artifact in artifacts if artifact.size_bytes is not None]
    return Profile(
        id=profile_id(tags),
        name=str(ProfileName.from_tags(tags)),
        tags=tags,
        artifacts=artifacts,
        workspace_hash=draw(st.none() | WORD),
        download_bytes=sum(sizes) if sizes and len(sizes) == len(artifacts) else None,
    )


@given(
    st.builds(
        Manifest,
        st.sampled_from(["1", "2.0", "2.0.0", "2.1"]),
        st.none() | WORD,
        st.none() | WORD,
        st.lists(profiles(), max_size=3, unique_by=lambda profile: profile.id).map(tuple),
    )
)
def test_what_is_written_reads_back_equal(manifest: Manifest) -> None:
    assert parse_manifest(write_manifest(manifest)) == manifest


@settings(max_examples=200)
@given(
    st.integers(0, len(V1)),
    st.integers(0, 30),
    st.text(max_size=8) | st.sampled_from(["&a ", "*a", "!x", "? ", "[", "{", "- "]),
)
def test_a_spoilt_manifest_gives_a_value_or_faults(at: int, length: int, new: str) -> None:
    text = V1[:at] + new + V1[at + length :]
    try:
        manifest = parse_manifest(text)
    except BadManifest as error:
        assert error.faults  # noqa: PT017 - either outcome is right
    else:
        assert parse_manifest(write_manifest(manifest)) == manifest
