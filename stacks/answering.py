"""A running endpoint, asked as a user would: which profile it serves, and whether it answers."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from nim_profiles.served_profile import (
    CHAT_PATH,
    METADATA_PATH,
    MODELS_PATH,
    BadAnswer,
    answered_text,
    chat_request,
    mismatch,
    read_metadata,
    read_models,
)

SECONDS = 60.0
"""For one request; the first one after a start takes longest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one endpoint at an address of this machine."""

    curl: str
    """The same request, for a shell."""
    profile_id: str
    """As the endpoint itself says."""
    said: str
    longest_context_tokens: int | None
    """`max_model_len`, where it tells."""


class NoAnswer(RuntimeError):
    """The endpoint does not answer, or serves something else; says what it did instead."""


def ask(address: str, pinned_id: str) -> Answer:
    """`address`: `http://127.0.0.1:20123`. Raises NoAnswer."""
    try:
        with httpx.Client(base_url=address, timeout=SECONDS, trust_env=False) as http:
            served = read_metadata(_body(http.get(METADATA_PATH)))
            if why := mismatch(served, pinned_id):
                raise NoAnswer(why)
            models = _body(http.get(MODELS_PATH))
            model = next(one.name for one in read_models(models) if one.base is None)
            question = chat_request(model)
            said = answered_text(_body(http.post(CHAT_PATH, json=question)))
    except (httpx.HTTPError, BadAnswer) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    return Answer(_curl(address, question), str(served.profile_id), said, _length(models, model))


def _body(response: httpx.Response) -> str:
    if response.is_error:
        raise NoAnswer(f"{response.url} answers {response.status_code}: {response.text[:200]}")
    return response.text


def _length(models: str, model: str) -> int | None:
    rows = json.loads(models)["data"]
    length = next((row.get("max_model_len") for row in rows if row["id"] == model), None)
    return length if isinstance(length, int) else None


def _curl(address: str, question: dict[str, Any]) -> str:  # Any: JSON
    return f"curl -s {address}{CHAT_PATH} -H 'Content-Type: application/json' -d '{json.dumps(question)}'"
