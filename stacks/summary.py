"""One endpoint in short: what a stack exports of it, and what the next preview compares with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from nim_profiles.memory.explain import summary
from nim_profiles.units import GIB
from pulumi_nim.engine_flags import PASSTHROUGH
from stacks.memory import in_short
from stacks.plan import EndpointPlan, Plan


@dataclass(frozen=True, slots=True)
class EndpointSummary:
    """None, or empty, is what an older program did not export: it is not compared."""

    model: str
    profile_id: str
    profile_name: str
    gpu_count: int
    """Of one replica."""
    replicas: int
    claim: str
    memory: str
    """The estimate in one line."""
    image: str | None = None
    pool: str | None = None
    gpu: str | None = None
    cache_gib: int | None = None
    start_up_seconds: int | None = None
    need: str | None = None
    """Per GPU: `25.8-26.5 of 44.7 GiB (estimate)`."""
    context_tokens: int | None = None
    """The longest that one request may be."""
    options: tuple[str, ...] | None = None
    """Of vLLM, as far as the stack file gives them: `--max-model-len=32768`; secrets left out."""
    variables: tuple[str, ...] | None = None
    """Further ones of the container: `NIM_LOG_LEVEL=INFO`."""

    @classmethod
    def of(cls, one: EndpointPlan, plan: Plan) -> Self:
        gpu = plan.pools[one.pool].gpu
        estimate = None if one.fit is None else one.fit.estimate
        given = [row for row in one.container.settings if row.origin != "profile"]
        # Options by another way are no news.
        written = {PASSTHROUGH, *(f"NIM_{row.flag[2:].replace('-', '_').upper()}" for row in given)}
        return cls(
            model=one.model,
            profile_id=one.profile.id,
            profile_name=one.profile.name,
            gpu_count=one.profile.gpu_count,
            replicas=one.replicas,
            claim=one.claim_name,
            memory="not estimated" if one.fit is None else summary(one.fit),
            image=one.image,
            pool=one.pool,
            gpu=gpu.short_name,
            cache_gib=one.cache_bytes // GIB,
            start_up_seconds=one.start_up_seconds,
            need=None if one.fit is None or estimate is None else in_short(one.fit, gpu),
            context_tokens=None if estimate is None else estimate.settings.max_model_len,
            options=tuple(f"{row.flag}={row.value}" if row.setting.values else row.flag for row in given),
            variables=tuple(f"{name}={value}" for name, value in sorted(one.env.items()) if name not in written),
        )

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self | None:
        """Of what a stack exports for an endpoint; None where that is not what such a program exports."""
        known = {field.name: document[field.name] for field in fields(cls) if field.name in document}
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        numbers = {name: int(value) for name, value in known.items() if isinstance(value, float)}
        try:
            return cls(**{**known, **lists, **numbers})
        except TypeError:
            return None

    @property
    def document(self) -> dict[str, Any]:
        """For the stack's output: what `read` takes."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }


LABELS = {
    "model": "model",
    "image": "image",
    "profile_id": "profile",
    "replicas": "replicas",
    "pool": "pool",
    "cache_gib": "cache",
    "context_tokens": "context",
    "start_up_seconds": "start-up",
    "options": "options",
    "variables": "variables",
}
"""What is compared, in the words of a report. What follows, such as the memory, is shown in its own place."""


@dataclass(frozen=True, slots=True)
class Difference:
    what: str
    before: str
    after: str


def differences(before: EndpointSummary, after: EndpointSummary) -> Iterator[Difference]:
    """In the order of LABELS."""
    for field, label in LABELS.items():
        old, new = getattr(before, field), getattr(after, field)
        if old is None or old == new:
            continue
        if isinstance(old, tuple):
            gone, added = (
                " ".join(one for one in here if one not in there) for here, there in ((old, new), (new, old))
            )
            yield Difference(label, gone or "-", added or "-")
        elif field == "profile_id":
            yield Difference(label, _profile(before), _profile(after))
        elif field == "image":
            yield Difference(label, *_images(old, new))
        else:
            yield Difference(label, _shown(field, old), _shown(field, new))


def _without(these: tuple[str, ...], those: tuple[str, ...]) -> str:
    return " ".join(one for one in these if one not in those) or "-"


def _shown(field: str, value: Any) -> str:  # Any: of any compared field
    match field:
        case _ if value is None:
            return "-"
        case "cache_gib":
            return f"{value} GiB"
        case "start_up_seconds":
            return minutes(value)
        case "context_tokens":
            return f"{value:,} tokens"
        case _:
            return str(value)


def minutes(seconds: int) -> str:
    """`12 min`, upwards; seconds below two minutes."""
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} min"


def _profile(one: EndpointSummary) -> str:
    return f"{one.profile_name} {one.profile_id[:8]}"


def _images(old: str, new: str) -> tuple[str, str]:
    """Without the digest where the tags differ already; of a digest its beginning."""
    names, digests = zip(*(one.partition("@")[::2] for one in (old, new)), strict=True)
    if names[0] != names[1]:
        return names[0], names[1]
    short = [f"{names[0].rpartition('/')[2]}@{digest[:19]}" for digest in digests]
    return short[0], short[1]
