"""`nim-profiles env`, and the page that it prints."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nim_profiles.cli import main
from nim_profiles.cli.env import command
from nim_profiles.nim_env import Family, all_variables

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs/environment.md").read_text(encoding="utf-8")
(SCHEMA,) = re.findall(r"^```json\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
IMAGE = "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["env", *words])
    done = capsys.readouterr()
    return code, done.out, done.err


def check(document: Any, definition: str) -> None:
    Draft202012Validator({**json.loads(SCHEMA), "$ref": f"#/$defs/{definition}"}).validate(document)


def test_it_lists_what_a_family_reads(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("vlm-1", capsys=capsys)
    assert code == 0
    assert "NIM_ENCODER_BATCHING_MS" in out
    assert "NIM_PASSTHROUGH_ARGS" not in out
    assert run("llm-2", capsys=capsys)[1] == run(IMAGE, capsys=capsys)[1]


def test_a_refused_setting_is_told_and_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(IMAGE, "NIM_LOG_LEVEL=info", "FOO=a=b", capsys=capsys)
    assert (code, err) == (1, "")
    assert out == (
        "warn: FOO is no variable that llm-2 images are known to read; check its spelling, or remove it\n"
        "refuse: NIM_LOG_LEVEL is 'info'; write INFO\n"
    )


def test_warnings_alone_exit_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(IMAGE, "FOO=1", capsys=capsys)[0] == 0


def test_nothing_wrong_says_how_far_that_goes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("llm-1", "NIM_LOG_LEVEL=INFO", capsys=capsys)
    assert (code, out) == (0, "Nothing is known to be wrong with this on llm-1 images.\n")


@pytest.mark.parametrize(
    ("option", "setting"),
    [
        (["--allow-request-logging"], "NIM_DISABLE_LOG_REQUESTS=0"),
        (["--unsafe-reason", "a trial"], "NIM_MANIFEST_ALLOW_UNSAFE=1"),
        (["--port", "9000"], "NIM_SERVER_PORT=9000"),
    ],
)
def test_options_let_through_what_is_refused_without_them(
    option: list[str], setting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ["--port", "8000"] if "PORT" in setting else []
    assert run("llm-1", setting, *other, capsys=capsys)[0] == 1
    assert run("llm-1", setting, *option, capsys=capsys)[0] == 0


def test_a_known_version_of_vllm_turns_a_warning_into_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["llm-2", "NIM_PASSTHROUGH_ARGS=--max-model-lenn 1"]
    assert run(*words, capsys=capsys)[0] == 0
    assert run(*words, "--vllm-version", "0.32.0", capsys=capsys)[0] == 1


@pytest.mark.parametrize("words", [["NIM_X=1"], ["nvcr.io/nim/meta/llama-3.1-8b-instruct:latest"], ["llm-3", "A=1"]])
def test_a_family_that_cannot_be_told_is_asked_for(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words, capsys=capsys) == (
        2,
        "",
        "nim-profiles: name a family first (llm-1, llm-2, vlm-1, vlm-2, variant), or a NIM image with its version as "
        "tag\n",
    )


def test_a_word_that_is_no_setting_is_not_echoed_for_it_may_be_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("llm-1", "NIM_LOG_LEVEL=INFO", "hunter2", capsys=capsys)
    assert (code, out, err) == (2, "", "nim-profiles: setting 2 is not KEY=VALUE\n")


def test_json_is_as_the_documentation_says(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], *([family] for family in Family)):
        code, out, _ = run(*words, "--json", capsys=capsys)
        assert code == 0
        check(json.loads(out), "env")
    code, out, _ = run("llm-2", "NIM_LOG_LEVEL=info", "HF_TOKEN=hunter2", "--json", capsys=capsys)
    check(json.loads(out), "env KEY=VALUE")
    assert (code, json.loads(out)["refused"], "hunter2" in out) == (1, 2, False)


def test_every_option_is_in_the_documentation() -> None:
    long = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert "`nim-profiles env " in DOCS
    assert [option for option in long if option not in DOCS] == []


def test_the_page_holds_the_table_that_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("--markdown", capsys=capsys)
    assert out.count("\n") == 2 + len(all_variables())
    assert PAGE.endswith(f"\n\n{out}"), "write it anew: `nim-profiles env --markdown`"


def test_the_example_of_the_page_says_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(example, "docs/environment.md", "exec"), {})  # noqa: S102 - our own page
    (said,) = re.findall(r"# (refuse .*)", example)
    assert capsys.readouterr().out == f"{said}\n"
