"""From a container's own words to the issue and what to do about it."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from nim_profiles.diagnosis.issue import Diagnosis, Issue
from nim_profiles.diagnosis.quote import quote
from nim_profiles.diagnosis.signs import (
    BANNER_PRECISION,
    BANNER_SPLIT,
    CHOSEN,
    LORA_OFF,
    PROGRESS,
    SETTINGS_DUMP,
    signs_in,
)
from nim_profiles.nim_env import Family
from nim_profiles.profile import Profile

KILLED = (137, 143)
"""Exit codes of SIGKILL and SIGTERM: somebody ended the container, not the container itself."""
NOTHING: Mapping[str, str] = MappingProxyType({})
Told = tuple[str, str] | None
"""Line and advice."""


def diagnose(
    text: str,
    *,
    exit_code: int | None = None,
    family: Family | None = None,
    profile: Profile | None = None,
    settings: Mapping[str, str] = NOTHING,
) -> tuple[Diagnosis, ...]:
    """Every issue that `text` shows, each once, in the order of `Issue`; empty where nothing is recognised.

    `text` is the container's log, its termination message, events of its pod, or all of them. `exit_code` None: it
    runs. `profile` is the one that should run, `settings` the values of vLLM's options that were asked for, by name
    (`--max-model-len`); what is not given is not compared.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    further: dict[Issue, Callable[[], Told]] = {
        Issue.LORA: lambda: _lora_off(lines, profile),
        Issue.SLOW_START: lambda: _killed_on_the_way(lines, exit_code),
        Issue.WRONG_PROFILE: lambda: _another_profile(lines, profile),
        Issue.IGNORED_ARGUMENT: lambda: _another_value(lines, settings),
    }
    found: list[Diagnosis] = []
    for issue in Issue:
        told = next(signs_in(lines, issue), None) or further.get(issue, lambda: None)()
        if issue is Issue.SLOW_START and any(one.issue is Issue.OUT_OF_MEMORY for one in found):
            continue  # killed for its memory, not for its slowness
        if told is not None:
            line, advice = told
            found.append(Diagnosis(issue, quote(line), advice + _of_family(issue, family, advice)))
    return tuple(found)


def _last(lines: Sequence[str], pattern: re.Pattern[str]) -> tuple[str, re.Match[str]] | None:
    return next(((line, found) for line in reversed(lines) if (found := pattern.search(line))), None)


def _lora_off(lines: Sequence[str], profile: Profile | None) -> Told:
    if profile is None or not profile.lora or (told := _last(lines, LORA_OFF)) is None:
        return None
    return told[
        0
    ], f"{profile.name} is a LoRA profile: give its adapters under lora, or pin its sibling without the feature"


def _killed_on_the_way(lines: Sequence[str], exit_code: int | None) -> Told:
    if exit_code not in KILLED or (told := _last(lines, PROGRESS)) is None:
        return None
    line, _ = told
    compiles = any("trtllm_buildable" in line for line in lines)
    pin = "pin a vllm profile, which is not compiled at every start; or " if compiles else ""
    return line, (
        f"it was ended with {exit_code} before it was ready: {pin}lower start_up.download_megabytes_per_second to what "
        "is reached here, or raise start_up.fixed_seconds"
    )


def _another_profile(lines: Sequence[str], profile: Profile | None) -> Told:
    if profile is None:
        return None
    advice = f"write profile: {profile.id}, and leave NIM_TAGS_SELECTOR out of env"
    if told := _last(lines, CHOSEN):
        line, chosen = told
        return None if chosen["id"] == profile.id else (line, advice)
    for pattern, expected in (
        (BANNER_PRECISION, (profile.precision,)),
        (BANNER_SPLIT, (str(profile.tensor_parallel), str(profile.pipeline_parallel))),
    ):
        told = _last(lines, pattern)
        if told and None not in expected and told[1].groups() != expected:
            return told[0], advice
    return None


def _another_value(lines: Sequence[str], settings: Mapping[str, str]) -> Told:
    told = _last(lines, SETTINGS_DUMP)
    if told is None:
        return None
    line, dump = told
    for option, wanted in settings.items():
        key = option.removeprefix("--").replace("-", "_")
        used = re.search(rf"'{re.escape(key)}': (\[[^\]]*\]|'[^']*'|[^,}}]+)", dump[1])
        # What equals vLLM's default is not in the dump; a context length has no such default.
        if used is None and option != "--max-model-len":
            continue
        value = "nothing" if used is None else used[1].strip("'")
        if value != wanted:
            key = f"{option} was asked for as {wanted} and vLLM has {value}"
            return line, f"{key}: look for it in env and args, where a later one wins, or give it under settings"
    return None


def _of_family(issue: Issue, family: Family | None, advice: str) -> str:
    """What is peculiar to a family of images."""
    if issue is Issue.OUT_OF_MEMORY and family is Family.VARIANT and "max_model_len" in advice:
        return "; many -variant images have no variable for it, and then only larger GPUs or another image help"
    if issue is Issue.NO_COMPATIBLE_PROFILE and family in (Family.LLM_1, Family.VLM_1):
        return "; on 1.x a max_model_len beyond the model's own makes every profile incompatible"
    return ""
