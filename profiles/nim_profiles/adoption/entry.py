"""The words of a stack file for what was found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nim_profiles.adoption.found import Found, Left
from nim_profiles.instance import UnknownInstanceType, gpu_of_product, instance_type
from nim_profiles.lock import Lock
from nim_profiles.nim_env import Level, Surroundings, check_environment, image_family, variables
from nim_profiles.profile import Profile
from nim_profiles.profile_id import is_profile_id
from nim_profiles.vllm_args import Setting, options_for, parse

PRODUCT, INSTANCE_TYPE = "nvidia.com/gpu.product", "node.kubernetes.io/instance-type"
LONGEST_NAME = 40
"""Of an endpoint: its objects' names have suffixes."""
TYPED = {
    "max_model_len": int,
    "max_num_seqs": int,
    "max_num_batched_tokens": int,
    "gpu_memory_utilization": float,
    "kv_cache_dtype": str,
}
"""Options of vLLM that have a key under `settings`, and what they hold."""
SWITCHES = ("enforce_eager",)
ELSEWHERE = {
    "--port": "port",
    "--otlp-traces-endpoint": "telemetry",
    "--enable-log-requests": "request_logging",
    **dict.fromkeys(("--enable-lora", "--lora-modules", "--max-loras", "--max-cpu-loras", "--max-lora-rank"), "lora"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    endpoint: Mapping[str, Any]
    """As a stack file holds it: JSON."""
    product: str | None
    """Of the GPUs that it runs on."""
    node_labels: Mapping[str, str]
    left: tuple[Left, ...]


def entry_of(found: Found, lock: Lock) -> Entry:
    """`pool` is not in it: which one that is, is for the caller to say."""
    left = list(found.left)
    image, profiles = _image(found, lock, left)
    profile = next((one for one in profiles if found.profile in (one.id, one.name)), None)
    env, said = _env(found, image, profile, left)
    settings, args = _arguments(found, left)
    endpoint: dict[str, Any] = {"image": image, **_profile(found, profile, left)}
    if found.replicas > 1:
        endpoint["replicas"] = found.replicas
    if found.gpu_count is not None and profile is not None and found.gpu_count != profile.gpu_count:
        left.append(
            Left(
                f"{found.origin}: {found.gpu_count} GPUs",
                f"{profile.name} runs on {profile.gpu_count}, and that is what is asked for",
            )
        )
    if found.port != 8000:
        endpoint["port"] = found.port
    rest = {"settings": {**said, **settings}, "args": args, "env": env}
    endpoint |= {key: value for key, value in rest.items() if value}
    if found.claim and found.cache_gib:
        endpoint["cache_gib"] = found.cache_gib
    adopt = {key: getattr(found, key) for key in ("deployment", "selector", "service", "claim")}
    if adopt := {key: dict(value) if key == "selector" else value for key, value in adopt.items() if value}:
        endpoint["adopt"] = adopt
    product, labels = _nodes(found)
    return Entry(
        endpoint_name(found.deployment or found.origin.split(" ", 1)[-1]), endpoint, product, labels, tuple(left)
    )


def endpoint_name(text: str) -> str:
    """A name that a stack file takes: lower-case letters, digits and `-`, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    name = name if name[:1].isalpha() else f"nim-{name}"
    return name[:LONGEST_NAME].rstrip("-")


def _image(found: Found, lock: Lock, left: list[Left]) -> tuple[str, tuple[Profile, ...]]:
    """The reference with its digest, where the lock file knows it."""
    name, _, digest = found.image.partition("@")
    locked = lock.images.get(name)
    if locked is None:
        fix = f"`nim-profiles lock MANIFEST --image {name} --digest sha256:…`"
        left.append(
            Left(f"{found.origin}: image {found.image}", f"is not in the lock file, so no check can pass yet: {fix}")
        )
        return found.image, ()
    if digest and digest != locked.digest:
        left.append(
            Left(f"{found.origin}: image {found.image}", f"is locked with {locked.digest}, and that is written")
        )
    return f"{name}@{locked.digest}", locked.profiles


def _profile(found: Found, profile: Profile | None, left: list[Left]) -> dict[str, str]:
    where = f"{found.origin}: NIM_MODEL_PROFILE"
    if profile is not None:
        if found.profile != profile.id:
            left.append(Left(where, f"{found.profile} is written as its id"))
        return {"profile": profile.id}
    if found.profile is None:
        left.append(
            Left(where, "is not set, so the container chose: `curl …/v1/metadata` says what, and that id belongs here")
        )
        return {}
    if found.profile != "default" and not is_profile_id(found.profile):
        left.append(Left(where, f"{found.profile} is no profile that the lock file knows of this image"))
    return {"profile": found.profile}


def _arguments(found: Found, left: list[Left]) -> tuple[dict[str, Any], list[str]]:
    """Options with a key of their own, and the words that remain."""
    settings: dict[str, Any] = {}
    words: list[str] = []
    for one in parse(found.args, options_for(None)).settings:
        key = one.name.removeprefix("--").replace("-", "_")
        if (typed := _typed(key, one)) is not None:
            settings[key] = typed
        elif one.name in ELSEWHERE:
            left.append(Left(f"{found.origin}: {one.name}", f"has a key of its own: write {ELSEWHERE[one.name]}"))
        else:
            words += [f"--no-{one.name[2:]}" if one.off else one.name, *one.values]
    return settings, words


def _typed(key: str, setting: Setting) -> Any:  # Any: a number, a text or true
    if key in SWITCHES and not setting.values and not setting.off:
        return True
    try:
        return TYPED[key](*setting.values)
    except (KeyError, ValueError, TypeError):
        return None


def _env(found: Found, image: str, profile: Profile | None, left: list[Left]) -> tuple[dict[str, str], dict[str, Any]]:
    """Variables that remain, and those that are settings of vLLM; without what the image's family would refuse."""
    repository, _, tag = image.partition("@")[0].rpartition(":")
    family = image_family(repository, tag)
    if family is None:
        return dict(found.env), {}
    around = Surroundings(profile=profile, repository=repository)
    refused = [one for one in check_environment(found.env, family, around) if one.level is Level.REFUSE]
    left += (Left(f"{found.origin}: env.{one.variable}", one.problem) for one in refused)
    env = {name: value for name, value in found.env.items() if name not in {one.variable for one in refused}}
    settings: dict[str, Any] = {}
    for name, value in list(env.items()):
        argument = known.argument if (known := variables(family).get(name)) else None
        key = (argument or "").removeprefix("--").replace("-", "_")
        if argument and (typed := _typed(key, Setting(argument, (value,)))) is not None:
            settings[key] = typed
            del env[name]
    return env, settings


def _nodes(found: Found) -> tuple[str | None, dict[str, str]]:
    """The GPU, and the labels that a pool must name beside it."""
    labels = dict(found.node_selector)
    product = labels.pop(PRODUCT, None)
    try:
        if product is not None:
            gpu_of_product(product)
        elif name := labels.get(INSTANCE_TYPE):
            product = instance_type(name).gpu.product
    except UnknownInstanceType:
        product = None
    return product, labels
