"""The grammar of profile names: words, patterns, order; and what is wrong with a text that breaks it.

Every part may be missing, the order is fixed:

    engine - gpu | build word - precision - tp<N> - pp<M> - latency | throughput - LoRA words - LoRA rank
           - PCI device - workspace hash - number of GPUs - minimum memory
"""

import re
from itertools import pairwise

ENGINES = ("vllm", "tensorrt_llm", "sglang", "trtllm")
"""`trtllm` is how the 2.0.11 and 3.0.0 documentation writes `tensorrt_llm`."""
BUILD_WORDS = ("trtllm_buildable", "local_build")
"""Stand in the place of the GPU word when the engine is built on the machine that serves."""
LENGTH_LIMIT = 4096
"""Characters; the longest real name (1.1x, LoRA, hash, device) has 150, the longest real tag list 200."""

PRECISION = re.compile(
    r"(?:mx|nv|tf|u|b)?(?:fp|bf|nf|tf|int|float)[0-9]{1,2}(?:_[a-z0-9_]+|e[0-9]m[0-9])?"
    r"|w[0-9]{1,2}a[0-9]{1,2}(?:kv[0-9]+|c[0-9]+)?(?:_[a-z0-9_]+)?|(?:awq|gptq|mixed|auto)(?:_[a-z0-9_]+)?",
    re.IGNORECASE,
)
"""By shape, so that a new one (`int8`, `w4a16`) is known. Seen: fp16 bf16 fp8 mxfp4 nvfp4 int4."""

_GPU = re.compile(
    r"(?:nvidia[-_])?(?:(?:dgx|rtx|gtx|jetson|igx|quadro|titan)[-_a-z0-9]*"
    r"|(?:(?:gb|gh|[abhl])[0-9]{1,3}|[pv]100|t4)[a-z]*(?:[-_][a-z0-9_-]+)?)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")
_END = r"(?:-|\Z)"
TAIL = re.compile(
    rf"(?:tp(?P<tp>[1-9][0-9]{{0,3}}){_END})?(?:pp(?P<pp>[1-9][0-9]{{0,3}}){_END})?"
    rf"(?:(?P<optimisation>latency|throughput){_END})?"
    rf"(?:(?P<lora>(?:lora-)?(?:feat_)?lora){_END}(?:(?P<rank>[1-9][0-9]{{0,3}}){_END})?)?"
    rf"(?:(?P<device>[0-9a-fA-F]{{4}}:[0-9a-fA-F]{{4}}){_END})?(?:(?P<hash>[0-9a-f]{{64}}){_END})?"
    rf"(?:(?P<gpus>[1-9][0-9]{{0,3}}){_END})?(?:(?P<vram>(?:0|[1-9][0-9]{{0,5}})\.[0-9]{{1,6}})\Z)?",
)
"""What follows the precision; matches any text, as far as it keeps to the grammar."""

_PARTS = (
    ("a build word", re.compile("|".join(BUILD_WORDS))),
    ("the precision", PRECISION),
    ("tensor parallelism", re.compile(r"tp[1-9][0-9]{0,3}")),
    ("pipeline parallelism", re.compile(r"pp[1-9][0-9]{0,3}")),
    ("latency or throughput", re.compile(r"latency|throughput")),
    ("a LoRA word", re.compile(r"(?:feat_)?lora")),
    ("the PCI device", re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")),
    ("the workspace hash", re.compile(r"[0-9a-f]{64}")),
    ("the minimum memory", re.compile(r"[0-9]+\.[0-9]+")),
)
_LORA, _TENSOR_PARALLEL = 5, 2
_NUMBER = re.compile(r"[0-9]{1,6}")
_PARALLEL = re.compile(r"(tp|pp)([0-9]*)", re.IGNORECASE)
_HASH_LIKE = re.compile(r"[0-9a-fA-F]{32,}")
_NO_NAME_HAS = re.compile(r"[^A-Za-z0-9_.:+/@,=|~-]")


class BadProfileName(ValueError):
    """A text that is no profile name; `column` counts from 0 and points at the offending part."""

    def __init__(self, text: str, column: int, why: str) -> None:
        self.text, self.column, self.why = text, column, why
        start = max(0, column - 60)
        shown = "".join(c if c.isprintable() else "?" for c in text[start : column + 60])
        super().__init__(f"not a profile name, column {column + 1}: {why}\n  {shown}\n  {' ' * (column - start)}^")


def split(text: str) -> tuple[str | None, list[str], str]:
    """Engine, the words up to the first part that only a tail has, and the tail."""
    words = text.split("-")
    engine = words.pop(0) if words[0] in ENGINES else None
    end = next((i for i, word in enumerate(words) if _part_of(word) >= _TENSOR_PARALLEL), len(words))
    return engine, words[:end], "-".join(words[end:])


def is_gpu_word(words: str, *, engine: str | None, precision: str | None, optimised: bool) -> bool:
    """Known by shape (`h100_nvl`, `nvidia-h200`), or by place: after the engine, or first in an early name."""
    if _GPU.fullmatch(words):
        return True
    if precision is None or any(_part_of(word) >= 0 for word in words.split("-")):
        return False
    return _WORDS.fullmatch(words) is not None and (engine is not None or (optimised and "-" not in words))


def refuse_what_no_name_has(text: str) -> None:
    """Raises BadProfileName for what makes any text, free-form ones included, no name."""
    if not text:
        raise BadProfileName(text, 0, "it is empty")
    if len(text) > LENGTH_LIMIT:
        raise BadProfileName(text, LENGTH_LIMIT, f"it has {len(text)} characters, names have at most {LENGTH_LIMIT}")
    if odd := _NO_NAME_HAS.search(text):
        both = " (an id with its name behind it? Give one of the two)" if re.match(r"[0-9a-f]{64}\s", text) else ""
        raise BadProfileName(text, odd.start(), f"no name has the character {odd[0]!r}{both}")
    if cut := re.search(r"\.\.", text):
        raise BadProfileName(text, cut.start(), "it is cut short here; give the whole name, or the id")
    if re.fullmatch(r"[0-9a-f]{64}", text):
        raise BadProfileName(text, 0, "this is a profile id, not a name")
    for column, word in _columns(text):
        _refuse_word(text, column, word)


def _refuse_word(text: str, column: int, word: str) -> None:
    if not word:
        raise BadProfileName(text, column, "nothing stands between two hyphens or at the end")
    if (parallel := _PARALLEL.fullmatch(word)) and _part_of(word) < 0:
        kind = parallel[1].lower()
        raise BadProfileName(text, column, f"{word!r} is not {kind}<N>: lower case, 1 to 9999, no leading zero")
    if _HASH_LIKE.fullmatch(word) and _part_of(word) < 0:
        found = f"{len(word)} characters" if len(word) != 64 else "capitals"
        raise BadProfileName(text, column, f"a workspace hash has 64 lower-case hex characters, this has {found}")
    if word not in ENGINES and word.lower() in ENGINES:
        raise BadProfileName(text, column, f"the engine is written {word.lower()!r}, not {word!r}")


def refuse_disorder(text: str) -> None:
    """Raises BadProfileName if every word is a known part, but they stand in the wrong order or twice."""
    tail = split(text)[2]
    offset = len(text) - len(tail)
    words = [(offset + column, word) for column, word in _columns(tail) if not _NUMBER.fullmatch(word)]
    parts = [(column, word, _part_of(word)) for column, word in words]
    if any(part < 0 for _, _, part in parts):
        return
    for (_, before, earlier), (column, word, part) in pairwise(parts):
        if part < earlier:
            raise BadProfileName(
                text, column, f"{_PARTS[part][0]} {word!r} stands after {_PARTS[earlier][0]} {before!r}"
            )
        if part == earlier != _LORA:
            raise BadProfileName(text, column, f"{_PARTS[part][0]} stands here twice, {before!r} and {word!r}")


def _columns(text: str) -> list[tuple[int, str]]:
    columns, column = [], 0
    for word in text.split("-"):
        columns.append((column, word))
        column += len(word) + 1
    return columns


def _part_of(word: str) -> int:
    """Index into _PARTS; -1 for a word that is none of them."""
    return next((i for i, (_, pattern) in enumerate(_PARTS) if pattern.fullmatch(word)), -1)
