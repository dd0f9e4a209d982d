"""What a precision word means: the least compute capability, by engine, each with its source; and vLLM's dtype."""

from dataclasses import dataclass
from enum import StrEnum

from nim_profiles.gpu import Gpu


class Engine(StrEnum):
    """Who starts the model: the NIM image's own launcher, or a plain vLLM image."""

    NIM = "nim"
    VLLM = "vllm"


@dataclass(frozen=True, slots=True)
class Floor:
    """The least compute capability on which an engine runs weights of a precision."""

    precision: str
    engine: Engine
    compute_capability: tuple[int, int]
    source: str
    native_from: tuple[int, int] | None = None
    """From here on the GPU computes in this precision; below it `below_native` says what happens instead."""
    below_native: str = ""


_NIM_DOCS = "NIM LLM documentation, support matrix, read 2026-08"
_VLLM_DOCS = "vLLM documentation: NVIDIA GPUs of 7.0 or higher; fp8 weights from 8.0 on by weight-only kernels"

FLOORS = (
    Floor("fp16", Engine.NIM, (7, 5), f"{_NIM_DOCS}: compute capability above 7.0"),
    Floor("bf16", Engine.NIM, (8, 0), _NIM_DOCS),
    Floor("fp8", Engine.NIM, (8, 9), _NIM_DOCS),
    Floor("nvfp4", Engine.NIM, (10, 0), f"{_NIM_DOCS}: a Blackwell GPU, which begins at 10.0"),
    Floor("fp16", Engine.VLLM, (7, 0), _VLLM_DOCS),
    Floor("bf16", Engine.VLLM, (8, 0), _VLLM_DOCS),
    Floor(
        "fp8",
        Engine.VLLM,
        (8, 0),
        _VLLM_DOCS,
        native_from=(8, 9),
        below_native="keeps fp8 weights and computes in 16 bit (weight-only kernels): saves memory, not time",
    ),
    Floor("nvfp4", Engine.VLLM, (10, 0), "kept at Blackwell as for a NIM; vLLM's slower paths are not planned for"),
)

_BY_WORD = {(row.precision, row.engine): row for row in FLOORS}

OTHER_FLOOR = {Engine.NIM: (7, 5), Engine.VLLM: (7, 0)}
"""For precision words without a row (`int8`, `w4a16`, ...): what the engine asks for anyway. Sources as above."""


def least_compute_capability(precision: str, engine: Engine) -> tuple[int, int] | None:
    """None for a precision word that has no floor of its own."""
    floor = _floor(precision, engine)
    return None if floor is None else floor.compute_capability


def precision_objection(precision: str, engine: Engine, gpu: Gpu) -> str | None:
    """Why `gpu` cannot run it, as the end of a sentence that begins with the instance type; None where it can."""
    floor = _floor(precision, engine)
    least = OTHER_FLOOR[engine] if floor is None else floor.compute_capability
    if gpu.compute_capability >= least:
        return None
    has = f"has compute capability {_dotted(gpu.compute_capability)} ({gpu.short_name})"
    text = f"{has}, {precision} needs {_dotted(least)}"
    plain = _floor(precision, Engine.VLLM)
    if engine is Engine.NIM and plain is not None and plain.compute_capability <= gpu.compute_capability:
        text += f" for a NIM; engine vllm would run it, but {plain.below_native or 'without NVIDIA support'}"
    return text


def precision_note(precision: str, engine: Engine, gpu: Gpu) -> str | None:
    """What to know where it runs, but not as its name promises; None where it does."""
    floor = _floor(precision, engine)
    if floor is None or floor.native_from is None or gpu.compute_capability >= floor.native_from:
        return None
    return f"{gpu.short_name} ({_dotted(gpu.compute_capability)}) {floor.below_native}"


def _floor(precision: str, engine: Engine) -> Floor | None:
    return _BY_WORD.get((precision.lower(), engine))


def _dotted(capability: tuple[int, int]) -> str:
    return f"{capability[0]}.{capability[1]}"


_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}


def dtype_of(precision: str | None) -> str | None:
    """VLLM's `--dtype`; None for the precisions that are in the weights, where vLLM reads them."""
    return _DTYPES.get((precision or "").lower())
