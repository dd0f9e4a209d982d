"""Paths into property values as the engine writes them: `metadata.annotations["a.b/c"]`, `spec.containers[0].image`."""

import json
import re

from nim_sandbox.values import Path

PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")
STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+|\*)\]|\[("(?:[^"\\]|\\.)*")\]')


def write_path(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def parse_path(text: str) -> Path:
    """`[*]` becomes the key `*`. What cannot be read ends the path."""
    steps: list[str | int] = []
    position = 0
    while position < len(text) and (match := STEP.match(text, position)):
        key, index, quoted = match.groups()
        steps.append(json.loads(quoted) if quoted else key or (index if index == "*" else int(index)))
        position = match.end()
    return tuple(steps)
