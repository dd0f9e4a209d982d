"""Settings that are several variables, or one that is worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nim_profiles.encoder import encoder_kv_target_tokens
from nim_profiles.nim_env.family import Family
from nim_profiles.nim_env.variable import variables

KV_RATIO = "NIM_ENCODER_KV_RATIO_TARGET_SEQ_LEN"


class NotInThisFamily(ValueError):
    """A setting that images of a family do not have."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What switches OpenTelemetry on."""

    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    """For the engine: container arguments or NIM_PASSTHROUGH_ARGS."""


def telemetry(endpoint: str, service_name: str, family: Family) -> Telemetry:
    """Traces and metrics to the collector at `endpoint` (`http://collector:4317`).

    1.x and variants: both, by variables. 2.x: traces only, by vLLM's own argument, since its metrics are read at
    /v1/metrics; NVIDIA's list of 2.x variables has none for it. Raises ValueError for an endpoint that is no address.
    """
    if not endpoint.startswith(("http://", "https://")):
        raise ValueError(f"the collector's address is {endpoint!r}; write it as http://collector:4317")
    environment = {"OTEL_SERVICE_NAME": service_name}
    if "NIM_ENABLE_OTEL" not in variables(family):
        return Telemetry(MappingProxyType(environment), ("--otlp-traces-endpoint", endpoint))
    environment |= {
        "NIM_ENABLE_OTEL": "1",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    return Telemetry(MappingProxyType(environment))


def kv_ratio(
    family: Family,
    *,
    input_tokens: int,
    output_tokens: int,
    image_request_fraction: float,
    image_size_ratio: float = 1.0,
    max_model_len: int | None = None,
) -> Mapping[str, str]:
    """How a vision NIM of 1.x shares its KV memory between images and text, from four numbers of the workload.

    Raises NotInThisFamily where no image reads the variable, ImpossibleWorkload for numbers that no split serves.
    """
    if KV_RATIO not in variables(family):
        raise NotInThisFamily(f"{KV_RATIO} is read by vlm-1 images only, and this is {family}; leave the ratio out")
    tokens = encoder_kv_target_tokens(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        image_request_fraction=image_request_fraction,
        image_size_ratio=image_size_ratio,
        max_model_len=max_model_len,
    )
    return MappingProxyType({KV_RATIO: str(tokens)})
