"""`nim-profiles fit`: what it prints, draws and exits with."""

import json
from pathlib import Path

import pytest

from nim_profiles.cli import main
from nim_profiles.lock import Lock

DATA = Path(__file__).parents[1] / "data"
MANIFEST = str(DATA.parents[1] / "stacks/manifests/llama-3.1-8b-instruct_2.0.6.yaml")
IMAGE = "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
}


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG))
    return str(path)


def test_a_fit_exits_0_and_a_refusal_1(config: str) -> None:
    assert main(["fit", "--config", config, "--gpu", "L40S"]) == 0
    assert main(["fit", "--config", config, "--gpu", "L4"]) == 1
    assert main(["fit", "--config", config, "--gpu", "L4", "--max-model-len", "8192"]) == 0


def test_a_person_reads_bars_a_table_and_the_flag_to_add(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fit", "--config", config, "--gpu", "L4"])
    out = capsys.readouterr().out
    assert out.startswith("█ weights")
    assert "low memory" in out
    assert "add --max-model-len=" in out
    assert "(estimate)" in out


def test_a_program_reads_bytes_terms_and_repairs(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fit", "--config", config, "--gpu", "L4", "--json"])
    (found,) = json.loads(capsys.readouterr().out)["fits"]
    assert (found["gpu"], found["verdict"]) == ("NVIDIA-L4", "low_memory")
    assert found["kv_available_bytes"]["safe"] < found["kv_available_bytes"]["likely"] < found["kv_needed_bytes"]
    assert found["terms"][0]["name"] == "weights"
    assert found["repairs"][0]["flags"][0].startswith("--max-model-len=")


def test_without_a_gpu_the_whole_catalogue_is_asked(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "--config", config, "--json"]) == 0
    verdicts = {found["gpu"]: found["verdict"] for found in json.loads(capsys.readouterr().out)["fits"]}
    assert len(verdicts) > 10
    assert (verdicts["NVIDIA-H100-80GB-HBM3"], verdicts["Tesla-T4"]) == ("compatible", "incompatible")


def test_the_picture_has_a_bar_for_each_gpu(config: str, tmp_path: Path) -> None:
    picture = tmp_path / "fit.svg"
    main(["fit", "--config", config, "--gpu", "L4", "--gpu", "H100", "--svg", str(picture)])
    assert picture.read_text().count("<title>weights: ") == 2


def test_a_profile_of_a_manifest_brings_its_split_and_its_floor(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["fit", "vllm-fp8-tp1-pp1-27.0", "--from", MANIFEST, "--config", config, "--gpu", "L4", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["profile"] == "vllm-fp8-tp1-pp1-27.0"
    assert document["fits"][0]["floor_bytes"] == 27_000_000_000


def test_a_lock_file_names_the_config_itself(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(config).parent / "nim.lock.yaml"
    assert main(["lock", MANIFEST, "--image", IMAGE, "--digest", "sha256:" + "1" * 64, "--lock", str(path)]) == 0
    text = path.read_text().replace("    profiles:\n", "    shape:\n      config: config.json\n    profiles:\n", 1)
    path.write_text(text)
    assert Lock.read(path).image(IMAGE).shape is not None
    capsys.readouterr()
    assert main(["fit", "vllm-fp8-tp1-pp1-27.0", "--from", str(path), "--gpu", "L40S", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fits"][0]["verdict"] == "compatible"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--gpu", "L41"], "--gpu l41: the catalogue does not have it"),
        (["--vllm-version", "latest"], "vllm_version is 'latest': give a release"),
        (["some-profile"], "a profile and --from FILE go together"),
    ],
)
def test_bad_input_exits_2_and_says_what_is_wrong(
    config: str, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", *words, "--config", config]) == 2
    assert says in capsys.readouterr().err


def test_a_model_that_cannot_be_counted_is_named_and_nothing_is_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"architectures": ["NewThing"]}')
    assert main(["fit", "--config", str(path)]) == 2
    assert "architecture NewThing is not one we can count" in capsys.readouterr().err
    assert main(["fit"]) == 2
    assert "give --config config.json" in capsys.readouterr().err
