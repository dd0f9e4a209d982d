"""The command line: what it prints, what it exits with, and how fast it starts."""

import io
import json
import os
import pty
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from nim_profiles.cli import main
from nim_profiles.cli.app import COMMANDS
from nim_profiles.cli.exit_codes import EXIT_CODES
from nim_profiles.lock import Lock

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data"
MANIFEST, LISTING = (
    str(DATA.parents[1] / "stacks/manifests/llama-3.1-8b-instruct_2.0.6.yaml"),
    str(DATA / "listings/06.txt"),
)
LLAMA, DIGEST = "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6", "sha256:" + "1" * 64
FP8, FP8_NAME = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73", "vllm-fp8-tp1-pp1-27.0"
OURS = ("list", "show", "name", "id", "select", "lock", "diff")
"""The commands that docs/cli.md documents; others have documents and tests of their own."""
PROGRAM = [sys.executable, "-m", "nim_profiles.cli"]
DOCS = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
(SCHEMA_TEXT,) = re.findall(r"^```json\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


def check(document: Any, definition: str) -> None:
    schema = {**json.loads(SCHEMA_TEXT), "$ref": f"#/$defs/{definition}"}
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(words)
    done = capsys.readouterr()
    return code, done.out, done.err


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    """A folder with a lock file of two images and a stack that wants one of them."""
    lock = tmp_path / "nim.lock.yaml"
    for image, file in ((LLAMA, MANIFEST), ("nano:1", LISTING)):
        assert main(["lock", file, "--image", image, "--digest", DIGEST, "--lock", str(lock)]) == 0
    write_stack(tmp_path, f"{LLAMA}@{DIGEST}", FP8)
    return tmp_path


def write_stack(folder: Path, image: str, profile: str) -> None:
    text = f"config:\n  nim:endpoints:\n    chat:\n      image: {image}\n      profile: {profile}\n"
    (folder / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")


def test_list_shows_every_profile_of_a_manifest_on_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("list", MANIFEST, capsys=capsys)
    assert (code, err) == (0, "")
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0] == "meta/llama-3.1-8b-instruct 2.0.6 (manifest): 6 profiles"
    assert f"vllm-fp8-tp1-pp1-27.0                 1      27        {FP8}" in lines
    assert len(lines) == 2 + 6


def test_list_tells_a_listing_by_its_content_and_shows_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("list", LISTING, capsys=capsys)
    assert out.count("\ncompatible ") == 4
    assert out.count("\nincompatible ") == 2


def test_list_reads_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(MANIFEST).read_bytes())))
    code, out, _ = run("list", "-", "--json", capsys=capsys)
    assert (code, len(json.loads(out)["profiles"])) == (0, 6)


def test_a_lock_file_of_several_images_asks_which_one(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    lock = str(stacks / "nim.lock.yaml")
    code, _, err = run("list", lock, capsys=capsys)
    assert (code, f"Name one with --image; there are: nano:1, {LLAMA}" in err) == (2, True)
    code, out, _ = run("list", lock, "--image", LLAMA, capsys=capsys)
    assert (code, FP8 in out) == (0, True)
    assert run("list", lock, "--image", "other:1", capsys=capsys)[0] == 1


@pytest.mark.parametrize("wanted", [FP8, FP8_NAME])
def test_show_finds_by_id_and_by_name_and_checks_the_id(wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("show", wanted, "--from", MANIFEST, capsys=capsys)
    assert code == 0
    assert f"name               {FP8_NAME}\n" in out
    assert "id = hash of tags  yes\n" in out


def test_show_refuses_an_unknown_profile_with_the_closest_ones(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("show", "vllm-fp8-tp1-pp1", "--from", MANIFEST, capsys=capsys)
    assert (code, out) == (1, "")
    assert f"{FP8} (vllm-fp8-tp1-pp1-27.0): min_vram_per_device_gb 27.0, which was not asked for" in err


def test_name_reads_a_name_part_by_part(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("name", "vllm-bf16-tp1-pp1", capsys=capsys)
    assert (code, err) == (0, "")
    assert re.search(r"^precision +bf16$", out, re.MULTILINE)
    assert re.search(r"^tags +llm_engine=vllm pp=1 precision=bf16 tp=1$", out, re.MULTILINE)


TAGS = ["feat_lora=false", "llm_engine=vllm", "min_vram_per_device_gb=27.0", "pp=1", "precision=fp8", "tp=1"]


@pytest.mark.parametrize("words", [TAGS, ["|".join(TAGS).replace("=", ":")]])
def test_id_hashes_tags_in_either_spelling(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("id", *words, capsys=capsys) == (0, f"{FP8}\n", "")
    assert run("id", *words, "--check", FP8, capsys=capsys)[0] == 0


def test_id_refuses_another_id_and_names_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("id", "tp=1", "--check", FP8, capsys=capsys)
    assert (code, f"not to {FP8}" in err) == (1, True)


def test_id_reads_tags_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(TAGS).encode())))
    assert run("id", capsys=capsys) == (0, f"{FP8}\n", "")


def test_select_says_what_is_taken_why_and_what_else_would_run(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("select", MANIFEST, "--gpu", "l40s", "--gpu-count", "1", capsys=capsys)
    assert code == 0
    assert out.startswith(f"{FP8} ({FP8_NAME})\nbecause nothing names a profile")
    assert "vllm-bf16-tp1-pp1-33.0" in out
    assert err.startswith("warning: Automatic selection depends on")


def test_select_refuses_what_runs_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("select", MANIFEST, "--gpu", "T4", capsys=capsys)
    assert code == 1
    assert len(err.splitlines()) == 1 + 6


def test_a_gpu_of_two_products_must_be_named_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("select", MANIFEST, "--gpu", "A100", capsys=capsys)
    assert (code, "several products. Take: NVIDIA-A100-SXM4-40GB, NVIDIA-A100-SXM4-80GB" in err) == (2, True)


def test_lock_adds_an_image_and_leaves_the_other_byte_identical(stacks: Path) -> None:
    path = stacks / "nim.lock.yaml"
    before = path.read_text(encoding="utf-8")
    words = ["--image", "zeta:1", "--digest", DIGEST, "--lock", str(path), "--parameters", "1000"]
    assert main(["lock", MANIFEST, *words]) == 0
    assert path.read_text(encoding="utf-8").startswith(before)
    assert Lock.read(path).image("zeta:1").profiles[0].download_bytes == 4000


def test_locking_again_keeps_digest_shape_and_downloads(stacks: Path) -> None:
    path = stacks / "nim.lock.yaml"
    words = ["lock", MANIFEST, "--image", LLAMA, "--lock", str(path)]
    assert main([*words, "--shape", "some/model", "--download", "fp8=7", "--download-basis", "me"]) == 0
    once = path.read_text(encoding="utf-8")
    assert main(words) == 0
    assert path.read_text(encoding="utf-8") == once
    assert "shape: {catalogue: some/model}" in once
    assert "download: {bytes: 7, estimated: true, basis: me}" in once


def test_other_content_under_the_same_digest_is_warned_about(
    stacks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(Path(MANIFEST).read_text(encoding="utf-8").replace("937c59e60e77", "0" * 12), encoding="utf-8")
    capsys.readouterr()
    _, out, err = run("lock", str(changed), "--image", LLAMA, "--lock", str(stacks / "nim.lock.yaml"), capsys=capsys)
    assert f"! profile {FP8} ({FP8_NAME}): workspace_hash was '937c59e60e77" in out
    assert err.startswith("warning: the digest is the same")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([MANIFEST], "FILE and --image are both needed"),
        ([MANIFEST, "--image", "a:1"], "--digest is missing"),
        ([MANIFEST, "--image", "a:1", "--digest", "latest"], "--digest is 'latest'"),
        ([MANIFEST, "--image", "a", "--digest", DIGEST], "of the form repository:tag"),
        ([MANIFEST, "--image", "a:1", "--digest", DIGEST, "--download", "fp8=1"], "belong together"),
        (
            [MANIFEST, "--image", "a:1", "--digest", DIGEST, "--download", "fp8", "--download-basis", "x"],
            "should be like fp8=34000000000",
        ),
        ([MANIFEST, "--image", "a:1", "--digest", DIGEST, "--shape", "x", "--shape-config", "y"], "Give one of them"),
        (["--check", "--image", "a:1"], "leave FILE and --image out"),
    ],
)
def test_a_lock_command_that_cannot_be_carried_out_is_bad_input(
    words: Sequence[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("lock", *words, "--lock", str(tmp_path / "nim.lock.yaml"), capsys=capsys)
    assert (code, says in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_profiles_is_not_locked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "listing.txt"
    empty.write_text("MODEL PROFILES\n- Compatible with system and runnable: <None>\n", encoding="utf-8")
    code, _, err = run(
        "lock", str(empty), "--image", "a:1", "--digest", DIGEST, "--lock", str(tmp_path / "l"), capsys=capsys
    )
    assert (code, "holds no profile with a whole id" in err) == (2, True)


def lock_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    code, out, _ = run("lock", "--check", "--lock", str(folder / "nim.lock.yaml"), capsys=capsys)
    return code, out.splitlines()


def test_lock_check_passes_what_agrees(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = lock_check(stacks, capsys)
    assert (code, lines) == (0, [f"{stacks}/nim.lock.yaml: 2 images hold all that 1 endpoints want."])


def test_lock_check_refuses_a_want_that_the_lock_lacks(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(stacks, f"{LLAMA}@{DIGEST}", "0" * 64)
    code, lines = lock_check(stacks, capsys)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith(f"{stacks}/Pulumi.dev.yaml: nim:endpoints.chat.profile: no profile has the id")


def test_lock_check_refuses_an_id_that_does_not_hash_to_its_tags_and_says_what_the_source_says(
    stacks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stacks / "nim.lock.yaml"
    text = path.read_text(encoding="utf-8")
    line = "{feat_lora: 'false', llm_engine: vllm, min_vram_per_device_gb: '27.0'"
    path.write_text(text.replace(line, line.replace("27.0", "20.0")), encoding="utf-8")
    code, lines = lock_check(stacks, capsys)
    assert (code, len(lines)) == (1, 2)
    assert f"profile {FP8} ({FP8_NAME}) does not hash to its tags" in lines[0]
    assert "tags was " in lines[1]


def test_lock_check_refuses_a_source_that_has_changed(
    stacks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "manifest.yaml"
    shutil.copy(MANIFEST, copy)
    assert main(["lock", str(copy), "--image", LLAMA, "--lock", str(stacks / "nim.lock.yaml")]) == 0
    copy.write_text(copy.read_text(encoding="utf-8").replace("937c59e60e77", "0" * 12), encoding="utf-8")
    code, lines = lock_check(stacks, capsys)
    assert code == 1
    assert "manifest.yaml has changed since it was locked" in lines[0]
    assert [line for line in lines if f"profile {FP8}" in line and "workspace_hash was" in line]


def test_lock_check_refuses_a_file_that_was_put_in_another_order(
    stacks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stacks / "nim.lock.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    code, lines = lock_check(stacks, capsys)
    assert (code, len(lines), "is not as `nim-profiles lock` writes it" in lines[0]) == (1, 1, True)


def test_the_lock_file_of_this_repository_agrees_with_its_stacks_and_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, lines = lock_check(ROOT / "stacks", capsys)
    assert (code, len(lines)) == (0, 1), lines


def test_diff_tells_memory_from_added_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("diff", MANIFEST, LISTING, capsys=capsys)
    assert code == 0
    assert "m vllm-fp8-tp1-pp1-34.0: min_vram_per_device_gb 27.0 -> 34.0\n" in out
    assert "\n+ vllm-fp8-tp8-pp1-8.0" in out
    assert "\n- vllm-nvfp4-tp1-pp1-24.0" in out
    assert "No difference." in run("diff", MANIFEST, MANIFEST, capsys=capsys)[1]


def test_every_json_is_as_the_documentation_says(stacks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = str(stacks / "nim.lock.yaml")
    listings = [("list", ["list", str(path)]) for path in sorted((DATA / "listings").iterdir())]
    calls = [
        *listings,
        ("list", ["list", MANIFEST]),
        ("list", ["list", lock, "--image", LLAMA]),
        ("show", ["show", FP8, "--from", MANIFEST]),
        ("show", ["show", "vllm", "--from", str(DATA / "listings/24.txt")]),
        ("name", ["name", FP8_NAME]),
        ("name", ["name", "vllm-nvfp4-tp1-pp1-fallback-1-48gib"]),
        ("id", ["id", "tp=1"]),
        ("select", ["select", MANIFEST]),
        ("select", ["select", LISTING, "default", "--gpu", "H100"]),
        ("diff", ["diff", MANIFEST, LISTING]),
        ("diff", ["diff", lock, MANIFEST, "--old-image", LLAMA]),
        ("lock", ["lock", MANIFEST, "--image", LLAMA, "--lock", lock]),
        ("lock --check", ["lock", "--check", "--lock", lock]),
        ("error", ["show", "x", "--from", MANIFEST]),
        ("error", ["list", "/does/not/exist"]),
        ("error", ["list"]),
        ("error", ["nonsense"]),
    ]
    assert {definition for definition, _ in calls} == {*OURS, "lock --check", "error"}
    capsys.readouterr()
    for definition, words in calls:
        code, out, _ = run(*words, "--json", capsys=capsys)
        assert (code == 0) == (definition != "error"), words
        check(json.loads(out), definition)


@pytest.mark.parametrize("name", OURS)
def test_every_command_and_option_is_in_the_documentation(name: str) -> None:
    module, _, attribute = COMMANDS[name].partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert f"`nim-profiles {name} " in DOCS
    long = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert "--json" in long
    assert [option for option in long if option not in DOCS] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(command, "--help", capsys=capsys)
    assert (code, out.startswith("Usage: nim-profiles ")) == (0, True)


@pytest.mark.parametrize("name", [name for name in EXIT_CODES if name.startswith("nim_profiles.")])
def test_every_failure_that_has_an_exit_code_exists(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "/does/not/exist"], "/does/not/exist: No such file or directory"),
        (["list", "/"], "/: Is a directory"),
        (["list", sys.executable], "is no UTF-8 text"),
        (["list"], "Missing argument 'FILE'."),
        (["nonsense"], "No such command 'nonsense'."),
        (["name", "a b"], "not a profile name"),
        (["id", "tp"], "'tp' is no tag=value"),
        (["id", "tp=1", "tp=2"], "the tag tp is given more than once"),
        (["id", "tp=1", "--check", "abc"], "Copy it whole"),
        (["select", MANIFEST, "--gpu-count", "0"], "x>=1"),
        (["lock", "--check", "--lock", "/does/not/exist"], "does not exist. Write it with"),
    ],
)
def test_bad_input_exits_with_2_and_says_what_is_wrong(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(*words, capsys=capsys)
    assert (code, out) == (2, "")
    assert err.startswith("nim-profiles: ")
    assert says in err


def test_a_fault_of_ours_is_one_line_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nim_profiles.name.ProfileName.parse", lambda _text: 1 // 0)
    code, _, err = run("name", "vllm", capsys=capsys)
    assert (code, len(err.splitlines())) == (70, 1)
    assert "a fault of nim-profiles: ZeroDivisionError" in err


def environment(**more: str) -> dict[str, str]:
    """Without what would keep Python from storing compiled modules, as no user's environment does."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "NO_COLOR")}
    return {**kept, "TERM": "xterm", **more}


def test_a_reader_that_leaves_early_is_no_failure(tmp_path: Path) -> None:
    many = tmp_path / "many.txt"
    rows = [f"  - {number:064x} (vllm-fp8-tp1-pp1)" for number in range(800)]
    many.write_text("MODEL PROFILES\n- Compatible with system and runnable:\n" + "\n".join(rows), encoding="utf-8")
    for more in ([], ["--json"]):
        with subprocess.Popen(
            [*PROGRAM, "list", str(many), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert (process.stderr.read(), process.wait()) == (b"", 0)


def on_terminal(*words: str, **more: str) -> str:
    """What the program prints when a terminal is there to see it."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*PROGRAM, *words], stdout=theirs, env=environment(**more)) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # Linux tells the end of a terminal so
            pass
        assert process.wait() == 0
    os.close(ours)
    return b"".join(parts).decode()


def test_colour_is_for_terminals_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b[" in on_terminal("list", LISTING)
    assert "\x1b[3" not in on_terminal("list", LISTING, NO_COLOR="1")
    assert "\x1b" not in run("list", LISTING, capsys=capsys)[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_offered_the_commands(shell: str) -> None:
    asked = {"COMP_WORDS": "nim-profiles s", "COMP_CWORD": "s" if shell == "fish" else "1"}
    done = subprocess.run(
        PROGRAM,
        env=environment(_NIM_PROFILES_COMPLETE=f"{shell}_complete", **asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "show" in done.stdout
    assert "select" in done.stdout


HEAVY = ("pydantic", "yaml", "rich", "blake3", "difflib", "hypothesis")


def test_help_and_name_import_nothing_heavy() -> None:
    watch = "; ".join(
        [
            "import sys",
            "from nim_profiles.cli import main",
            "main(['--help'])",
            "main(['name', 'vllm-bf16-tp1-pp1'])",
            f"print([name for name in {HEAVY!r} if name in sys.modules])",
        ]
    )
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", [["--help"], ["name", "vllm-bf16-tp1-pp1"]])
def test_it_starts_in_a_fifth_of_a_second(words: list[str], tmp_path: Path) -> None:
    """Of processor time, so that a busy machine does not count; the first run compiles."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        cache = environment(PYTHONPYCACHEPREFIX=str(tmp_path))
        subprocess.run([*PROGRAM, *words], capture_output=True, check=True, env=cache)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    seconds()
    assert min(seconds() for _ in range(4)) < 0.2
