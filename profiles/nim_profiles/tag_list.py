"""Tag lists: what NIMs other than LLM ones print in place of a profile name.

Three spellings, each with or without brackets or a dash:
`{'mode': 'all', 'name': 'x'}`, `mode:all|name:x`, `type=bert`.
"""

import re
from collections.abc import Mapping

_DICT_ITEM = re.compile(
    r"""\s*(?:'([^']*)'|"([^"]*)")\s*:\s*(?:'([^']*)'|"([^"]*)"|([A-Za-z0-9_.+-]+))\s*(,|\Z)""",
)
_KEY = r"[A-Za-z_][A-Za-z0-9_.]*"
_COLON_ITEM = re.compile(rf"\s*({_KEY})\s*:\s*([^\s|{{}}()]+)\s*")
_EQUALS_ITEM = re.compile(rf"\s*({_KEY})\s*=\s*([^\s|,;={{}}()]+)\s*")


def read_tag_list(text: str) -> dict[str, str] | None:
    """The tags in the order of the text, values as spelled; None if `text` is not a whole tag list or repeats a key."""
    body = text.strip().removeprefix("- ").strip()
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1].strip()
    if body.startswith("{") and body.endswith("}"):
        pairs = _dict_pairs(body[1:-1])
    elif "=" in body:
        pairs = _pairs(_EQUALS_ITEM, re.split(r"[|,;]", body))
    elif ":" in body:
        pairs = _pairs(_COLON_ITEM, body.split("|"))
    else:
        return None
    return dict(pairs) if pairs and len(dict(pairs)) == len(pairs) else None


def print_tag_list(tags: Mapping[str, str]) -> str:
    """Sorted, `k:v|k:v`, or as a Python dictionary where a value has characters that the first form cannot hold."""
    short = "|".join(f"{key}:{value}" for key, value in sorted(tags.items()))
    return short if read_tag_list(short) == dict(tags) else str(dict(sorted(tags.items())))


def _pairs(item: re.Pattern[str], parts: list[str]) -> list[tuple[str, str]] | None:
    matches = [item.fullmatch(part) for part in parts]
    return None if None in matches else [(m[1], m[2]) for m in matches if m]


def _dict_pairs(body: str) -> list[tuple[str, str]] | None:
    pairs: list[tuple[str, str]] = []
    position = 0
    while position < len(body):
        found = _DICT_ITEM.match(body, position)
        if found is None or found.end() == position:
            return None
        key = found[1] if found[1] is not None else found[2]
        value = next(part for part in found.group(3, 4, 5) if part is not None)
        pairs.append((key, value))
        position = found.end()
    return pairs
