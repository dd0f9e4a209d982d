"""Runs inside vLLM's environment: the options as data, and what vLLM's own parser makes of command lines.

Reads a JSON list of command lines from stdin; writes one JSON object. A line that vLLM refuses gives null.
"""

import contextlib
import io
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import vllm_options  # type: ignore[import-not-found]  # tools/ is no package

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parsed(parser: object, words: list[str]) -> dict[str, str] | None:
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            found = parser.parse_args(words)  # type: ignore[attr-defined]  # vLLM's class
    except (SystemExit, Exception):  # noqa: BLE001 - however vLLM refuses
        return None
    # Some configurations draw an id for themselves.
    return {key: UUID.sub("<uuid>", repr(value)) for key, value in vars(found).items()}


def main() -> None:
    lines = json.load(sys.stdin)
    parser = vllm_options.parser()
    with contextlib.redirect_stdout(sys.stderr):
        answer = {"text": vllm_options.text(), "parsed": [parsed(parser, line) for line in lines]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
