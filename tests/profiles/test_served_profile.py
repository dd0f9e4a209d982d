"""Answers of both generations of images; what is no proof is never taken for one."""

import ast
import json
import sys
from pathlib import Path

import pytest

from nim_launcher.metadata import metadata
from nim_profiles import served_profile
from nim_profiles.served_profile import (
    BadAnswer,
    Model,
    Served,
    answered_text,
    chat_request,
    mismatch,
    read_metadata,
    read_models,
    text_request,
)
from tests.launcher.samples import profile

FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"
NEWER = {"version": "2.0.6", "profile_id": FP8, "profile_name": "vllm-fp8-tp1-pp1-27.0", "modelInfo": []}
OLDER = {"version": "1.15.0", "repository_override": "", "assetInfo": [], "selectedModelProfileId": FP8}


def chat(**message: object) -> str:
    return json.dumps({"choices": [{"message": {"role": "assistant", **message}, "finish_reason": "stop"}]})


@pytest.mark.parametrize(
    ("answer", "served"),
    [
        (NEWER, Served(FP8, "vllm-fp8-tp1-pp1-27.0", "2.0.6")),
        (OLDER, Served(FP8, None, "1.15.0")),
        ({"version": "1.10.1", "modelInfo": []}, Served(None, None, "1.10.1")),
        ({"profile_id": "", "selectedModelProfileId": None}, Served(None, None, None)),
    ],
)
def test_each_generation_names_its_profile_in_a_field_of_its_own(answer: object, served: Served) -> None:
    assert read_metadata(json.dumps(answer)) == served


def test_our_launcher_is_read_like_a_nim() -> None:
    told = json.dumps(metadata(profile(), "meta/llama", "2.0.6", "0.32.0"))
    assert read_metadata(told) == Served(profile().id, profile().name, "2.0.6")


def test_two_fields_that_disagree_prove_nothing() -> None:
    with pytest.raises(BadAnswer) as wrong:
        read_metadata(json.dumps({"profile_id": FP8, "selectedModelProfileId": BF16}))
    assert str(wrong.value) == f"/v1/metadata names two profiles, {BF16} and {FP8}"


def test_the_pinned_profile_is_proven_by_its_id_alone() -> None:
    assert mismatch(Served(FP8, None, None), FP8) is None


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (
            Served(BF16, "vllm-bf16-tp1-pp1-33.0", "2.0.6"),
            f"serves profile {BF16} (vllm-bf16-tp1-pp1-33.0), and {FP8} is pinned",
        ),
        (Served(BF16, None, "1.15.0"), f"serves profile {BF16}, and {FP8} is pinned"),
        (
            Served(None, "vllm-fp8-tp1-pp1-27.0", "1.10.1"),
            "does not say which profile it serves: /v1/metadata has none of profile_id, selectedModelProfileId",
        ),
    ],
)
def test_anything_else_is_no_proof(served: Served, why: str) -> None:
    assert mismatch(served, FP8) == why


def test_models_come_with_the_adapters_above_them() -> None:
    rows = [{"id": "meta/llama", "root": "nim_a1b2", "parent": None}, {"id": "sql", "parent": "meta/llama"}]
    assert read_models(json.dumps({"object": "list", "data": rows})) == (
        Model("meta/llama", None),
        Model("sql", "meta/llama"),
    )


@pytest.mark.parametrize("rows", [[], [{"id": "sql", "parent": "meta/llama"}], None, [{"id": 3}, "x"]])
def test_an_endpoint_without_a_model_is_told(rows: object) -> None:
    with pytest.raises(BadAnswer, match=r"^/v1/models lists no model: "):
        read_models(json.dumps({"data": rows}))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (chat(content="Paris"), "Paris"),
        (chat(content=None, reasoning_content="The user asks"), "The user asks"),
        (chat(content="", reasoning="Hm"), "Hm"),
        (json.dumps({"choices": [{"text": " Paris"}]}), " Paris"),
    ],
)
def test_what_the_model_said_is_found_wherever_it_is_put(body: str, text: str) -> None:
    assert answered_text(body) == text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (chat(content=""), "the completion is empty: "),
        (chat(content=" \n"), "the completion is empty: "),
        (chat(), "the completion is empty: "),
        (json.dumps({"choices": [{"text": None}]}), "the completion is empty: "),
        (json.dumps({"choices": []}), "the completion has no choices: "),
        (json.dumps({"object": "error", "message": "no such model"}), "the completion has no choices: "),
    ],
)
def test_a_model_that_says_nothing_has_not_answered(body: str, why: str) -> None:
    with pytest.raises(BadAnswer) as wrong:
        answered_text(body)
    assert str(wrong.value) == f"{why}{body!r}"


@pytest.mark.parametrize("read", [read_metadata, read_models, answered_text])
@pytest.mark.parametrize("body", ["", "<html>502 Bad Gateway</html>", "[]", "null"])
def test_an_answer_that_is_no_json_object_is_quoted(read: object, body: str) -> None:
    with pytest.raises(BadAnswer, match=r"is no JSON object: ") as wrong:
        read(body)  # type: ignore[operator]  # each of the three takes a text
    assert str(wrong.value).endswith(repr(body))


def test_a_long_answer_is_quoted_by_its_beginning() -> None:
    with pytest.raises(BadAnswer) as wrong:
        read_metadata("x" * 5000)
    assert str(wrong.value) == f"/v1/metadata is no JSON object: '{'x' * 200}…'"


def test_requests_are_short_and_repeatable() -> None:
    for request in (chat_request("meta/llama"), text_request("meta/llama")):
        assert (request["model"], request["max_tokens"], request["temperature"]) == ("meta/llama", 16, 0)


def test_the_module_runs_on_the_python_of_old_images() -> None:
    source = Path(served_profile.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {str(name).partition(".")[0] for name in imported} <= sys.stdlib_module_names
