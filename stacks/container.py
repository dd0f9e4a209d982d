"""What an endpoint's container is told beside its profile: environment, arguments, and where each setting came from."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nim_profiles.nim_env import (
    Family,
    Finding,
    Level,
    Surroundings,
    check_environment,
    image_family,
    kv_ratio,
    telemetry,
    variables,
)
from nim_profiles.nim_env.blocks import KV_RATIO
from nim_profiles.nim_env.secrecy import secret_problem
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import Layer, Row, Setting, merge, options_for, parse
from pulumi_nim.engine_flags import PASSTHROUGH, deliver
from pulumi_nim.images import Image
from stacks import lora
from stacks.settings import PROJECT, Endpoint

WRITTEN = frozenset({"NIM_MODEL_PROFILE", "NIM_CACHE_PATH", "NIM_SERVER_PORT"})
"""Variables that the program always writes itself."""
UNSAFE = "NIM_MANIFEST_ALLOW_UNSAFE"
LORA_OPTIONS = ("--enable-lora", "--lora-modules", "--max-loras", "--max-cpu-loras", "--max-lora-rank")
PARALLEL = {"tensor_parallel": "--tensor-parallel-size", "pipeline_parallel": "--pipeline-parallel-size"}


@dataclass(frozen=True, slots=True)
class Container:
    env: Mapping[str, str]
    args: tuple[str, ...]
    settings: tuple[Row, ...]
    """vLLM's options with their origin, those of the profile first; secrets are in none."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault, or a note where `level` says so."""

    key: str
    """Below the endpoint: `args`, `env.NIM_LOG_LEVEL`."""
    problem: str
    level: Level = Level.REFUSE


def _family(endpoint: Endpoint) -> tuple[Family | None, Image]:
    image = Image.parse(endpoint.image)
    return (None if endpoint.engine == "vllm" else image_family(image.repository, image.tag)), image


def vllm_version(endpoint: Endpoint) -> str | None:
    """None where neither the file nor the tag of a plain vLLM image says it."""
    tag = Image.parse(endpoint.image).tag or ""
    from_tag = tag.removeprefix("v") if endpoint.engine == "vllm" and tag.startswith("v") else None
    return endpoint.vllm_version or from_tag


def _typed(endpoint: Endpoint) -> tuple[Setting, ...]:
    given = endpoint.settings.model_dump(exclude_none=True)
    return tuple(
        Setting(f"--{name.replace('_', '-')}", () if value is True else (str(value),))
        for name, value in sorted(given.items())
        if value is not False
    )


def _layers(endpoint: Endpoint, name: str, family: Family | None) -> list[Layer]:
    """Lowest first, without what the profile says."""
    parsed = parse(endpoint.args, options_for(vllm_version(endpoint)))
    layers = [Layer("settings", _typed(endpoint))]
    if endpoint.lora is not None:
        layers.append(Layer("lora", lora.options(endpoint.lora)))
    if endpoint.telemetry is not None:
        words = telemetry(endpoint.telemetry.collector, name, family or Family.LLM_2).arguments
        layers.append(Layer("telemetry", tuple(parse(words, options_for(None)).settings)))
    if endpoint.request_logging is not None and not _logging_variable(family):
        layers.append(Layer("request_logging", (Setting("--enable-log-requests"),)))
    return [*layers, Layer("args", tuple(parsed.settings))]


def _logging_variable(family: Family | None) -> dict[str, str]:
    """What switches logging of requests on, where a variable does."""
    known = {} if family is None else variables(family)
    return {"NIM_DISABLE_LOG_REQUESTS": "0"} if "NIM_DISABLE_LOG_REQUESTS" in known else {}


def _blocks(endpoint: Endpoint, name: str, family: Family | None) -> dict[str, str]:
    """Variables of the blocks that are more than options of vLLM."""
    env: dict[str, str] = {}
    if endpoint.lora is not None:
        env |= lora.environment(endpoint.lora)
    if endpoint.telemetry is not None:
        block = endpoint.telemetry
        env |= telemetry(block.collector, block.service_name or name, family or Family.LLM_2).environment
    if endpoint.request_logging is not None:
        env |= _logging_variable(family)
    if endpoint.unsafe_profile is not None:
        env[UNSAFE] = "1"
    if (numbers := endpoint.vision_kv) is not None:
        env |= kv_ratio(family or Family.LLM_2, **numbers.model_dump(), max_model_len=endpoint.settings.max_model_len)
    return env


def container(endpoint: Endpoint, name: str, profile: Profile, nodes_per_replica: int = 1) -> Container:
    """Of an endpoint in which `wrong` found nothing to refuse."""
    family, image = _family(endpoint)
    layers = _layers(endpoint, name, family)
    delivery = deliver([row.setting for row in merge(layers)], family, image.tag, several_nodes=nodes_per_replica > 1)
    sizes = tuple(Setting(flag, (str(getattr(profile, part)),)) for part, flag in PARALLEL.items())
    by_variable = [
        Layer(f"env.{variable}", (Setting(known.argument, (value,)),))
        for variable, value in sorted(endpoint.env.items())
        if (known := variables(family or Family.LLM_2).get(variable)) and known.argument
    ]
    return Container(
        env={**_blocks(endpoint, name, family), **delivery.environment, **endpoint.env},
        args=delivery.arguments,
        settings=merge([Layer("profile", sizes), *by_variable, *layers]),
    )


def wrong(endpoint: Endpoint, name: str, profile: Profile, siblings: Sequence[Profile]) -> Iterator[Wrong]:
    """Every fault and every note, told by the keys of the stack file."""
    family, image = _family(endpoint)
    if endpoint.lora is not None:
        for key, problem in lora.faults(endpoint.lora, profile, siblings, family):
            yield Wrong(".".join(part for part in ("lora", key) if part), problem)
    elif profile.lora and lora.SOURCE not in endpoint.env:
        yield Wrong("lora", lora.missing(profile, siblings))
    yield from _misplaced(endpoint)
    if endpoint.unsafe_profile is not None and (family is None or UNSAFE not in variables(family)):
        yield Wrong("unsafe_profile", f"is ignored: {UNSAFE} is read by 1.x images only; leave it out")
        return
    try:
        blocks = _blocks(endpoint, name, family)
    except ValueError as error:
        yield Wrong("vision_kv", " ".join(str(error).split()))
        return
    layers = _layers(endpoint, name, family)
    delivery = deliver([row.setting for row in merge(layers)], family, image.tag)
    for option in delivery.undeliverable:
        free = any(one.name == option for one in layers[-1].settings)
        key = "args" if free else f"settings.{option[2:].replace('-', '_')}"
        yield Wrong(key, f"{family} images have no variable for {option} and take no arguments; use a 2.x image")
    for variable in sorted({**blocks, **delivery.environment}.keys() & endpoint.env.keys()):
        where = f"{PROJECT}:endpoints.{name}.{_owner(variable, endpoint)}"
        yield Wrong(f"env.{variable}", f"is what {where} is written to; say it in one place")
    yield from _findings(endpoint, family, image, profile, {**blocks, **delivery.environment}, delivery.arguments)


def _misplaced(endpoint: Endpoint) -> Iterator[Wrong]:
    """Arguments that have a place of their own."""
    typed = {f"--{key.replace('_', '-')}": f"settings.{key}" for key in type(endpoint.settings).model_fields}
    typed |= dict.fromkeys(LORA_OPTIONS, "lora")
    typed |= {"--port": "port", "--otlp-traces-endpoint": "telemetry", "--enable-log-requests": "request_logging"}
    for setting in parse(endpoint.args, options_for(vllm_version(endpoint))).settings:
        if setting.name in typed and not setting.off:
            yield Wrong("args", f"gives {setting.name}, which has a key of its own; write {typed[setting.name]}")
    for word in endpoint.args:
        if word.partition("=")[0].isupper() and "_" in word and not word.startswith("-"):
            yield Wrong("args", f"has {word.partition('=')[0]}, which is an environment variable; write it under env")


def _findings(
    endpoint: Endpoint,
    family: Family | None,
    image: Image,
    profile: Profile,
    ours: Mapping[str, str],
    arguments: Sequence[str],
) -> Iterator[Wrong]:
    around = Surroundings(
        profile=profile,
        repository=image.repository,
        written=WRITTEN,
        request_logging_allowed=endpoint.request_logging is not None,
        unsafe_reason=endpoint.unsafe_profile.reason if endpoint.unsafe_profile else None,
        vllm_version=vllm_version(endpoint),
    )
    # As one line, whichever way the options go: its check is that of every option.
    line = {PASSTHROUGH: shlex.join(arguments)} if arguments else {}
    whole = {**ours, **line, **endpoint.env}
    if family is None:
        only_line = {name: value for name, value in whole.items() if name == PASSTHROUGH}
        found = [one for one in check_environment(only_line, Family.LLM_2, around) if one.variable == PASSTHROUGH]
        secrets = ((name, secret_problem(name, value)) for name, value in endpoint.env.items())
        found += [Finding(name, Level.REFUSE, problem) for name, problem in secrets if problem]
    else:
        found = [*check_environment(whole, family, around)]
    for finding in found:
        if finding.variable == lora.SOURCE and finding.variable not in endpoint.env:
            continue  # told by the block's own rules
        yield Wrong(_key(finding.variable, endpoint), finding.problem, finding.level)


def _key(variable: str, endpoint: Endpoint) -> str:
    return f"env.{variable}" if variable in endpoint.env else _owner(variable, endpoint)


def _owner(variable: str, endpoint: Endpoint) -> str:
    """The key of the stack file that is written to a variable."""
    if variable == PASSTHROUGH:
        return "args" if endpoint.args else "request_logging" if endpoint.request_logging else "settings"
    owners = {
        UNSAFE: "unsafe_profile",
        KV_RATIO: "vision_kv",
        "NIM_DISABLE_LOG_REQUESTS": "request_logging",
        "NIM_ENABLE_OTEL": "telemetry",
    }
    if variable in owners:
        return owners[variable]
    if variable.startswith("OTEL_"):
        return "telemetry"
    return "lora" if variable.startswith("NIM_PEFT_") or variable.endswith(("LORAS", "LORA_RANK")) else "settings"
