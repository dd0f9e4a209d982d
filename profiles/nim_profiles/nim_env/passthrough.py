"""What stands in NIM_PASSTHROUGH_ARGS: checked against vLLM's options, the profile, and the other variables."""

import shlex
from collections.abc import Iterator, Mapping

from nim_profiles.nim_env.family import Family
from nim_profiles.nim_env.finding import Finding, Level, Surroundings
from nim_profiles.nim_env.request_logging import request_logging
from nim_profiles.nim_env.secrecy import FIX
from nim_profiles.nim_env.stray import PASSTHROUGH
from nim_profiles.nim_env.variable import variables
from nim_profiles.vllm_args import Setting, options_for, parse
from nim_profiles.vllm_args.redaction import HIDDEN, redacted

IGNORED_BY = ("gemma-4",)
"""Words in the names of variants that ignore the variable in silence. Source: users' reports, read 2026-08."""

LOGGING = {"--enable-log-requests", "--enable-log-outputs", "--log-requests"}
"""Of vLLM, where `--no-disable-log-requests` is the older spelling of the first; the last is SGLang's."""

PARALLEL = {
    "--tensor-parallel-size": "tp",
    "--tp-size": "tp",
    "--tp": "tp",
    "--pipeline-parallel-size": "pp",
    "--pp-size": "pp",
    "--pp": "pp",
}
"""Profile tags by argument, SGLang's short forms among them."""


def passthrough(env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    if PASSTHROUGH not in variables(family) or PASSTHROUGH not in env:
        return
    if family is Family.VARIANT:
        yield _on_a_variant(around.repository)
    try:
        words = shlex.split(env[PASSTHROUGH])
    except ValueError:
        fix = "close every quote, and put JSON between single quotes"
        yield Finding(PASSTHROUGH, Level.REFUSE, f"cannot be split like a shell line; {fix}")
        return
    settings = parse(words, options_for(around.vllm_version)).settings
    hidden = [setting for setting in settings if HIDDEN in redacted(setting.name, setting.values)]
    for setting in hidden:
        problem = f"gives {setting.name} a value that is, or may hold, a secret (not shown); {FIX}"
        yield Finding(PASSTHROUGH, Level.REFUSE, problem)
    if around.profile is None or around.profile.engine in (None, "vllm"):  # of other engines' options we have no data
        yield from _spelling(words, hidden, around)
    for setting in settings:
        yield from _clashes(setting, env, family, around)


def _on_a_variant(repository: str | None) -> Finding:
    if any(word in (repository or "") for word in IGNORED_BY):
        problem = "is ignored by this image without a word; remove it, or serve the model by an image of 2.x"
        return Finding(PASSTHROUGH, Level.REFUSE, problem)
    problem = "is ignored by some variant images without a word; see in the log that its arguments arrived"
    return Finding(PASSTHROUGH, Level.WARN, problem)


def _spelling(words: list[str], hidden: list[Setting], around: Surroundings) -> Iterator[Finding]:
    options = options_for(around.vllm_version)
    parsed = parse(words, options)
    level = Level.REFUSE if options.exact else Level.WARN
    doubt = "" if options.exact else f" (as vLLM {options.version} has it; the image's version is not on record)"
    for fault in parsed.faults:
        if not any(value and value in fault for setting in hidden for value in setting.values):
            yield Finding(PASSTHROUGH, level, f"has a fault: {fault}{doubt}")
    if parsed.positionals:
        count = len(parsed.positionals)
        have = "1 word that belongs" if count == 1 else f"{count} words that belong"
        yield Finding(PASSTHROUGH, level, f"has {have} to no argument; quote values with blanks{doubt}")


def _clashes(setting: Setting, env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    profile, value = around.profile, " ".join(setting.values)
    parallel = {} if profile is None else {"tp": profile.tensor_parallel, "pp": profile.pipeline_parallel}
    tag = PARALLEL.get(setting.name, "")
    if profile is not None and tag in profile.tags and value != str(parallel[tag]):
        problem = f"sets {setting.name} to {value}, but {profile.name} has {tag} {parallel[tag]}"
        fix = "remove it, or pin a profile that is made for it"
        yield Finding(PASSTHROUGH, Level.REFUSE, f"{problem}, and its GPUs are counted by that; {fix}")
    if setting.name == "--port":
        yield Finding(PASSTHROUGH, Level.REFUSE, "sets --port, which moves the engine and not the server; remove it")
    if setting.name == "--enable-lora" and not setting.off and profile is not None and not profile.lora:
        fix = "remove it, or pin the LoRA profile of this model"
        yield Finding(PASSTHROUGH, Level.REFUSE, f"sets --enable-lora, but {profile.name} is no LoRA profile; {fix}")
    older = setting.name == "--no-disable-log-requests"
    if older or (setting.name in LOGGING and not setting.off):
        yield request_logging(PASSTHROUGH, f"has {setting.name}", around)
    for name, variable in variables(family).items():
        if variable.argument == setting.name and name in env:
            fix = "say it in one place"
            yield Finding(name, Level.WARN, f"is overruled by {setting.name} in {PASSTHROUGH}; {fix}")
