import yaml

from nim_profiles.manifest import parse_manifest
from nim_profiles.nim_env import Family, image_family
from nim_sandbox.images import nim
from nim_sandbox.images.tree import File, Link


def test_two_profiles_share_a_name_and_none_an_id() -> None:
    names = [profile.name for profile in nim.manifest(2).profiles]
    assert names == [
        "vllm-fp8-tp1-pp1-1.0",
        "vllm-bf16-tp1-pp1-1.0",
        "vllm-bf16-tp1-pp1-feat_lora-1.0",
        "vllm-fp16-tp1-pp1-1.0",
        "vllm-fp16-tp1-pp1-1.0",
        "vllm-h200-fp8-tp1-pp1-1.0",
        "vllm-cpu-fp32-tp1-pp1-1.0",
        "vllm-cpu-bf16-tp1-pp1-1.0",
    ]
    assert len({profile.id for profile in nim.manifest(2).profiles}) == 8


def test_a_profile_of_1_x_has_the_id_that_nim_gives_to_its_tags() -> None:
    known = "4f904d571fe60ff24695b5ee2aa42da58cb460787a968f1e8a09f5a7e862728d"  # of llama-3.2-1b 1.8.4
    assert {profile.name: profile.id for profile in nim.manifest(1).profiles}["vllm-bf16-tp1-pp1"] == known


def test_images_belong_to_the_family_of_their_generation() -> None:
    families = [image_family(*nim.REFERENCES[generation].rsplit(":", 1)) for generation in (1, 2)]
    assert families == [Family.LLM_1, Family.LLM_2]


def test_the_program_has_its_commands_its_manifest_and_the_model() -> None:
    found = nim.program(1)
    assert found["usr/local/bin/list-model-profiles"] == Link("/opt/nim/start_server.sh")
    manifest = found["opt/nim/etc/default/model_manifest.yaml"]
    assert isinstance(manifest, File)
    assert isinstance(manifest.content, bytes)
    assert parse_manifest(manifest.content.decode()) == nim.manifest(1)
    assert "profiles" not in yaml.safe_load(manifest.content)
    assert {path for path in found if path.startswith("opt/nim/ngc/")} == {
        f"opt/nim/ngc/{name}"
        for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    }


def test_the_program_brings_nothing_of_the_sandbox_but_itself() -> None:
    ours = {path.split("/")[4] for path in nim.program(2) if path.startswith("opt/nim/python/nim_sandbox/")}
    assert ours == {"__init__.py", "nim_like"}
