"""vLLM's options inside a container: as its arguments where images take them, else by the variables that they read."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from nim_profiles.nim_env import Family, variables
from nim_profiles.vllm_args import Setting, command_line, merge
from nim_profiles.vllm_args.precedence import Layer

MAX_MODEL_LEN = "--max-model-len"
PASSTHROUGH = "NIM_PASSTHROUGH_ARGS"
"""LLM 2.x and our launcher: options in one string, split like a shell's line. 1.x images take none."""
TAKES_ARGUMENTS = (2, 0, 11)
"""From this NIM on the documentation has options as arguments of the container
(docs.nvidia.com/nim/large-language-models/2.0.11, read 2026-08); before it they followed `nim-serve`."""


class Way(StrEnum):
    """How options reach vLLM."""

    ARGUMENTS = "container arguments"
    PASSTHROUGH = "NIM_PASSTHROUGH_ARGS"
    VARIABLES = "variables"


def way(family: Family | None, tag: str | None, *, several_nodes: bool = False) -> Way:
    """`family` None: not a NIM, so our launcher is in it, which reads what images of 2.x read.

    On several nodes a NIM's arguments are those of `nim-serve-ray`.
    """
    if family in (Family.LLM_1, Family.VLM_1):
        return Way.VARIABLES
    if family in (Family.LLM_2, Family.VLM_2):
        version = tuple(int(number) for number in re.findall(r"\d+", tag or "")[:3])
        return Way.ARGUMENTS if version >= TAKES_ARGUMENTS and not several_nodes else Way.PASSTHROUGH
    return Way.PASSTHROUGH


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the container gets."""

    environment: Mapping[str, str]
    arguments: tuple[str, ...]
    undeliverable: tuple[str, ...]
    """Options that images of this family have no variable for."""


def deliver(
    settings: Sequence[Setting], family: Family | None, tag: str | None, *, several_nodes: bool = False
) -> Delivery:
    """The context length by its variable, documented for LLM 1.x and 2.x alike; the rest in the image's own way."""
    by = way(family, tag, several_nodes=several_nodes)
    names = {one.argument: one.name for one in variables(family or Family.LLM_2).values() if one.argument}
    environment: dict[str, str] = {}
    rest, lost = [], []
    for setting in settings:
        variable = names.get(setting.name)
        if variable is not None and (by is Way.VARIABLES or setting.name == MAX_MODEL_LEN):
            environment[variable] = setting.values[0] if setting.values else str(int(not setting.off))
        elif by is Way.VARIABLES:
            lost.append(setting.name)
        else:
            rest.append(setting)
    words = command_line(merge([Layer("", tuple(rest))]))
    if words and by is Way.PASSTHROUGH:
        environment[PASSTHROUGH] = shlex.join(words)
        words = []
    return Delivery(MappingProxyType(environment), tuple(words), tuple(lost))
