"""Variables that images of a family do not read: wrong names, other families' names, vLLM's arguments."""

from nim_profiles.nim_env.family import Family
from nim_profiles.nim_env.finding import Finding, Level
from nim_profiles.nim_env.variable import Variable, anywhere, nearest, variables
from nim_profiles.vllm_args import options_for

PASSTHROUGH = "NIM_PASSTHROUGH_ARGS"

OTHERS = (
    *("NCCL_", "UCX_", "UCC_", "GLOO_", "OMPI_", "FI_", "MASTER_", "RAY_", "CUDA_", "NVIDIA_", "OMP_", "TORCH"),
    *("TRITON_", "PYTORCH_", "VLLM_", "SGLANG_", "FLASHINFER_", "HF_", "TRANSFORMERS_", "TOKENIZERS_", "OTEL_"),
    *("AWS_", "PYTHON", "LD_", "LANG", "LC_", "TZ"),
)
"""Beginnings of variables that libraries in the images read; we know too little of them to say more."""

READ_ELSEWHERE = frozenset(
    {"VLLM_API_KEY", "VLLM_PORT", "VLLM_DCP_Q_REPLICATE", "VLLM_ATTENTION_BACKEND", "VLLM_ALL2ALL_BACKEND"}
    | {"MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOG_LEVEL", "ROOT_PATH"}
)
"""Variables that are called like an argument of vLLM and are something else: vLLM's own (vllm/envs.py of 0.32.0, and of
0.10 for the backends, read 2026-08), torch's, and names too common to be anybody's in particular."""


def stray(name: str, family: Family, vllm_version: str | None) -> Finding | None:
    """For a `name` that is no variable of `family`; None where it is most likely meant for a library."""
    if known := anywhere(name):
        return _of_another_family(name, known, family)
    if argument := _argument(name, vllm_version):
        return Finding(
            name, Level.REFUSE, f"is an argument of vLLM, which is not read here; {_place(argument, family)}"
        )
    if name.startswith(OTHERS):
        return None
    near = nearest(name, family)
    fix = f"did you mean {near}?" if near else "check its spelling, or remove it"
    return Finding(name, Level.WARN, f"is no variable that {family} images are known to read; {fix}")


def _of_another_family(name: str, known: tuple[Variable, ...], family: Family) -> Finding:
    if name == PASSTHROUGH:
        fix = "set what you need by variables such as NIM_MAX_MODEL_LEN, or use a 2.x image"
        return Finding(name, Level.REFUSE, f"is ignored by {family} images: NIM 1.x takes no arguments of vLLM; {fix}")
    owners = [owner for variable in known for owner in variable.families]
    whose = f"read by {', '.join(owners)} images" if owners else "read by other kinds of NIM"
    doubt = ", and not by most variant ones" if family is Family.VARIANT else f", not by {family} ones"
    argument = next((variable.argument for variable in known if variable.argument), None)
    instead = next((variable.instead for variable in known if variable.instead in variables(family)), None)
    if instead is not None:
        fix = f"use {instead}"
    elif argument is not None:
        fix = _place(argument, family)
    else:
        fix = "remove it, or try it on the image first"
    return Finding(name, Level.WARN, f"is {whose}{doubt}; {fix}")


def _argument(name: str, vllm_version: str | None) -> str | None:
    """The vLLM argument that `name` spells: `MAX_NUM_SEQS`, `VLLM_MAX_NUM_SEQS`, `--max-num-seqs`."""
    if name in READ_ELSEWHERE:
        return None
    bare = name.lstrip("-").lower().replace("_", "-").removeprefix("nim-").removeprefix("vllm-")
    # HOST, MODEL, SEED: common words.
    if "-" not in bare and bare == name.lower():
        return None
    options = options_for(vllm_version).by_flag
    return f"--{bare}" if f"--{bare}" in options else None


def _place(argument: str, family: Family) -> str:
    of_family = variables(family).values()
    variable = next((variable.name for variable in of_family if variable.argument == argument), None)
    if variable is not None:
        return f"use {variable}"
    if PASSTHROUGH in variables(family):
        return f"write {argument} into {PASSTHROUGH}"
    return f"{family} images have no variable for {argument}, so use a 2.x image or leave it out"
