"""Settings of the engine inside a NIM, as the environment variables that its container reads."""

import shlex
from collections.abc import Mapping
from types import MappingProxyType

MAX_MODEL_LEN = "NIM_MAX_MODEL_LEN"
"""Documented for LLM 1.x and 2.x alike."""
PASSTHROUGH = "NIM_PASSTHROUGH_ARGS"
"""LLM 2.x: vLLM arguments in one string, split like a shell's line. 1.x images take none."""


def flags_environment(flags: Mapping[str, object]) -> Mapping[str, str]:
    """Environment for vLLM settings by name (`max_model_len`, `enforce_eager`, ...); None and False are left out."""
    given = {name: value for name, value in flags.items() if value is not None and value is not False}
    length = given.pop("max_model_len", None)
    environment = {} if length is None else {MAX_MODEL_LEN: str(length)}
    words = []
    for name, value in sorted(given.items()):
        words.append(f"--{name.replace('_', '-')}")
        words += [] if value is True else [str(value)]
    if words:
        environment[PASSTHROUGH] = shlex.join(words)
    return MappingProxyType(environment)
