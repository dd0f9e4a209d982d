"""Asks a running endpoint whether it serves the pinned profile and all adapters, and for one completion.

Runs by itself in the pod of a Job, with the Python of the image that serves: the standard library of Python 3.8 and,
beside this file, `nim_profiles/served_profile.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from typing import Any, NamedTuple

from nim_profiles.served_profile import (
    CHAT_PATH,
    METADATA_PATH,
    MODELS_PATH,
    TEXT_PATH,
    BadAnswer,
    answered_text,
    chat_request,
    mismatch,
    read_metadata,
    read_models,
    text_request,
)

PAUSE_SECONDS = 2.0
PASSING = (502, 503, 504)
"""Statuses of a proxy whose server is not there yet."""
NO_CHAT = (400, 404, 405, 501)
"""Statuses with which a server refuses chat where the model has no chat template."""


class Failed(Exception):
    """One fault of the endpoint, as a clause whose subject is the endpoint."""


class Refused(Failed):
    """The endpoint answered with an error status."""

    def __init__(self, path: str, status: int, body: str) -> None:
        self.status = status
        super().__init__(f"answers {path} with status {status}: {body[:200]!r}")


class Endpoint:
    """One base address, asked until a deadline."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url = url.rstrip("/")
        self.seconds = seconds
        self._deadline = time.monotonic() + seconds
        # Inside the cluster: a proxy of the environment leads out of it.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path: str, body: dict[str, Any] | None = None) -> str:  # Any: JSON
        """GET, or POST where there is a body. Waits for a server that does not answer yet. Raises Failed."""
        while True:
            try:
                return self._once(path, body)
            except Refused as refused:
                if refused.status not in PASSING:
                    raise
                why = str(refused)
            except OSError as error:
                why = f"does not answer {path}: {getattr(error, 'reason', error)}"
            if time.monotonic() + PAUSE_SECONDS >= self._deadline:
                raise Failed(f"{why} (for {self.seconds:g} s)")
            time.sleep(PAUSE_SECONDS)

    def _once(self, path: str, body: dict[str, Any] | None) -> str:  # Any: JSON
        request = urllib.request.Request(  # noqa: S310 - the address is ours
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        left = max(self._deadline - time.monotonic(), PAUSE_SECONDS)
        try:
            with self._opener.open(request, timeout=left) as answer:
                return str(answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            raise Refused(path, error.code, error.read().decode("utf-8", "replace")) from None


class Proof(NamedTuple):
    """What was found, each in a clause whose subject is the endpoint."""

    good: list[str]
    faults: list[str]


def prove(endpoint: Endpoint, profile_id: str | None, adapters: list[str]) -> Proof:
    """Everything at once. `profile_id` None: the container chose, and what it chose is only told."""
    proof = Proof([], [])
    for question in (partial(profile_of, endpoint, profile_id), partial(completion_of, endpoint, adapters)):
        try:
            proof.good.append(question())
        except (Failed, BadAnswer) as fault:
            proof.faults.append(str(fault))
    return proof


def profile_of(endpoint: Endpoint, pinned_id: str | None) -> str:
    """Raises Failed and BadAnswer."""
    served = read_metadata(endpoint.ask(METADATA_PATH))
    if pinned_id is not None and (why := mismatch(served, pinned_id)):
        raise Failed(why)
    name = f" ({served.profile_name})" if served.profile_name else ""
    return f"serves profile {served.profile_id or 'that it does not name'}{name}"


def completion_of(endpoint: Endpoint, adapters: list[str]) -> str:
    """Of the base model. Raises Failed and BadAnswer."""
    models = read_models(endpoint.ask(MODELS_PATH))
    names = [model.name for model in models]
    if lacking := [adapter for adapter in adapters if adapter not in names]:
        raise Failed(f"lists the models {', '.join(names)}, and not the adapters {', '.join(lacking)}")
    model = next(one.name for one in models if one.base is None)
    started = time.monotonic()
    try:
        body = endpoint.ask(CHAT_PATH, chat_request(model))
    except Refused as refused:
        if refused.status not in NO_CHAT:
            raise
        body = endpoint.ask(TEXT_PATH, text_request(model))
    said = answered_text(body).strip()
    return f"answers as {model} with {said!r} in {time.monotonic() - started:.2f} s"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("endpoint-check", allow_abbrev=False)
    parser.add_argument("--url", required=True, help="without /v1")
    parser.add_argument("--profile", help="id that must be served; without it the container chose")
    parser.add_argument("--adapter", action="append", default=[], help="name that must be listed; may be repeated")
    parser.add_argument("--seconds", type=float, default=300, help="how long to wait for answers, in all")
    given = parser.parse_args(arguments)
    proof = prove(Endpoint(given.url, given.seconds), given.profile, given.adapter)
    for line in proof.good:
        print(f"endpoint-check: {given.url} {line}")
    for line in proof.faults:
        print(f"endpoint-check: {given.url} {line}", file=sys.stderr)
    return 1 if proof.faults else 0


if __name__ == "__main__":
    sys.exit(main())
