"""What a running endpoint says of itself: which profile it serves, under which names, and whether it answers.

Also runs inside of the images that are asked: the standard library of Python 3.8 and nothing else.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

METADATA_PATH = "/v1/metadata"
MODELS_PATH = "/v1/models"
CHAT_PATH = "/v1/chat/completions"
TEXT_PATH = "/v1/completions"
"""For models without a chat template, which refuse CHAT_PATH."""

ID_FIELDS = ("profile_id", "selectedModelProfileId")
"""Of METADATA_PATH: LLM and VLM images from 2.0 on; images of NVIDIA's older library (docs.nvidia.com/nim, pages `get
metadata` of LLM 2.1.6 and of alpamayo 1.0.0, read 2026-11). Some 1.x images have neither. Our launcher writes both."""
ANSWER_TOKENS = 16
"""Enough for a word of any model; a reasoning model may spend them all on thinking, which counts."""
SAID_IN = ("content", "reasoning_content", "reasoning")
"""Of a chat message: reasoning parsers of vLLM move text to one of the last two."""


class BadAnswer(ValueError):
    """An endpoint answered something else than the API says; the message quotes the beginning of it."""


class Served(NamedTuple):
    """What METADATA_PATH answers."""

    profile_id: str | None
    """None where this image does not say."""
    profile_name: str | None
    release: str | None


class Model(NamedTuple):
    """A name that requests may ask for."""

    name: str
    base: str | None
    """Of a LoRA adapter: the model below it."""


def read_metadata(body: str) -> Served:
    """Raises BadAnswer, also where two fields name different profiles."""
    answer = _object(body, METADATA_PATH)
    ids = {value for field in ID_FIELDS if (value := _text(answer, field))}
    if len(ids) > 1:
        raise BadAnswer(f"{METADATA_PATH} names two profiles, {' and '.join(sorted(ids))}")
    return Served(ids.pop() if ids else None, _text(answer, "profile_name"), _text(answer, "version"))


def mismatch(served: Served, pinned_id: str) -> str | None:
    """Why `served` is no proof of the pin, as a clause whose subject is the endpoint; None where it is one."""
    if served.profile_id is None:
        return f"does not say which profile it serves: {METADATA_PATH} has none of {', '.join(ID_FIELDS)}"
    if served.profile_id != pinned_id:
        name = f" ({served.profile_name})" if served.profile_name else ""
        return f"serves profile {served.profile_id}{name}, and {pinned_id} is pinned"
    return None


def read_models(body: str) -> tuple[Model, ...]:
    """Of MODELS_PATH, in its order. Raises BadAnswer where it lists no model that is not an adapter."""
    rows = _object(body, MODELS_PATH).get("data")
    found = tuple(
        Model(name, _text(row, "parent"))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and (name := _text(row, "id"))
    )
    if all(model.base for model in found):
        raise BadAnswer(f"{MODELS_PATH} lists no model: {_beginning(body)}")
    return found


def chat_request(model: str) -> dict[str, Any]:  # Any: JSON
    """Body of a request to CHAT_PATH."""
    asked = [{"role": "user", "content": "Answer with one word: what is the capital of France?"}]
    return {"model": model, "messages": asked, "max_tokens": ANSWER_TOKENS, "temperature": 0}


def text_request(model: str) -> dict[str, Any]:  # Any: JSON
    """Body of a request to TEXT_PATH."""
    return {"model": model, "prompt": "The capital of France is", "max_tokens": ANSWER_TOKENS, "temperature": 0}


def answered_text(body: str) -> str:
    """What the model said, of an answer to either request. Raises BadAnswer where it said nothing."""
    choices = _object(body, "the completion").get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        raise BadAnswer(f"the completion has no choices: {_beginning(body)}")
    message = first.get("message")
    said = [_text(message, part) for part in SAID_IN] if isinstance(message, dict) else [_text(first, "text")]
    if not (text := next((part for part in said if part and part.strip()), None)):
        raise BadAnswer(f"the completion is empty: {_beginning(body)}")
    return text


def _object(body: str, what: str) -> dict[str, Any]:  # Any: JSON
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise BadAnswer(f"{what} is no JSON object: {_beginning(body)}")
    return answer


def _text(answer: dict[str, Any], field: str) -> str | None:  # Any: JSON
    """None for what is absent, empty or no text."""
    value = answer.get(field)
    return value if isinstance(value, str) and value else None


def _beginning(body: str) -> str:
    return repr(body if len(body) <= 200 else f"{body[:200]}…")
