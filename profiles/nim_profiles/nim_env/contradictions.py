"""Variables that contradict each other, the profile, or what the program does."""

from collections.abc import Iterator, Mapping

from nim_profiles.nim_env.family import Family
from nim_profiles.nim_env.finding import Finding, Level, Surroundings
from nim_profiles.nim_env.variable import Kind, truth, variables

INSTEAD = {
    "NIM_MODEL_PROFILE": "pin the profile by the endpoint's own key",
    "NIM_SERVER_PORT": "set the port by the endpoint's own key",
}
"""What to do instead of setting a variable that the program writes itself."""


def contradictions(env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    """`env` may hold wrong values: what is no number is left to the check of values."""
    for name in sorted(env.keys() & around.written):
        fix = f"remove it, and {INSTEAD[name]}" if name in INSTEAD else "remove it"
        yield Finding(name, Level.REFUSE, f"is written by the program itself; {fix}")
    yield from _port(env, around)
    yield from _adapters(env, family, around)
    yield from _of_the_profile(env, family, around)
    yield from _pairs(env, family, around)


def _port(env: Mapping[str, str], around: Surroundings) -> Iterator[Finding]:
    port, service = env.get("NIM_SERVER_PORT"), around.service_port
    if port is not None and service is not None and port.isdecimal() and int(port) != service:
        problem = f"is {port}, but probes and service ask port {service}; write {service}, or move them all together"
        yield Finding("NIM_SERVER_PORT", Level.REFUSE, problem)


def _adapters(env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    profile, name = around.profile, "NIM_PEFT_SOURCE"
    there = name in env or name in around.written
    if there and profile is not None and not profile.lora:
        fix = "pin the LoRA profile of this model, or remove it"
        yield Finding(name, Level.REFUSE, f"names adapters, but {profile.name} is no LoRA profile; {fix}")
    if not there and profile is not None and profile.lora and name in variables(family):
        problem = f"is not set, but {profile.name} is a LoRA profile, which keeps memory for adapters"
        fix = "name the folder of the adapters, or pin the profile without LoRA"
        yield Finding(name, Level.REFUSE, f"{problem}; {fix}")
    if not there and "NIM_PEFT_REFRESH_INTERVAL" in env:
        problem = "does nothing without NIM_PEFT_SOURCE; set that too, or remove it"
        yield Finding("NIM_PEFT_REFRESH_INTERVAL", Level.WARN, problem)


def _of_the_profile(env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    profile = around.profile
    if profile is None:
        return
    for name, tag, size in (
        ("NIM_TENSOR_PARALLEL_SIZE", "tp", profile.tensor_parallel),
        ("NIM_PIPELINE_PARALLEL_SIZE", "pp", profile.pipeline_parallel),
    ):
        value = env.get(name, "")
        if tag in profile.tags and value.isdecimal() and int(value) != size:
            problem = f"is {value}, but {profile.name} has {tag} {size}, and its GPUs are counted by that"
            yield Finding(name, Level.REFUSE, f"{problem}; remove it, or pin a profile that is made for it")
    for name in env.keys() & variables(family).keys():
        engines = variables(family)[name].engines
        if engines and profile.engine is not None and profile.engine not in engines:
            problem = f"has an effect on {', '.join(engines)} only, and {profile.name} runs {profile.engine}; remove it"
            yield Finding(name, Level.WARN, problem)


def _pairs(env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    def on(name: str) -> bool:
        return truth(env.get(name, "")) is True

    if on("NIM_MANIFEST_ALLOW_UNSAFE") and not (around.unsafe_reason or "").strip():
        problem = "lets a profile start that the manifest does not allow; give the reason with it, or remove it"
        yield Finding("NIM_MANIFEST_ALLOW_UNSAFE", Level.REFUSE, problem)
    if "NIM_TAGS_SELECTOR" in env and ("NIM_MODEL_PROFILE" in env or "NIM_MODEL_PROFILE" in around.written):
        yield Finding("NIM_TAGS_SELECTOR", Level.WARN, "does nothing where NIM_MODEL_PROFILE is set; remove it")
    several = env.get("NIM_NUM_COMPUTE_NODES", "1").strip() not in ("", "1")
    if on("NIM_JSONL_LOGGING") and several and family in (Family.LLM_2, Family.VLM_2):
        problem = "must be off on several nodes: images of 2.x run on Ray there; remove it"
        yield Finding("NIM_JSONL_LOGGING", Level.REFUSE, problem)
    if env.get("NIM_SSL_MODE") in ("TLS", "MTLS"):
        certificates = {"NIM_SSL_CERT_PATH", "NIM_SSL_CERTS_PATH"} & variables(family).keys()
        absent = [] if "NIM_SSL_KEY_PATH" in env else ["NIM_SSL_KEY_PATH"]
        absent += (
            [] if certificates & env.keys() else [" (or ".join(sorted(certificates)) + ")" * (len(certificates) - 1)]
        )
        absent += (
            ["NIM_SSL_CA_CERTS_PATH"] if env["NIM_SSL_MODE"] == "MTLS" and "NIM_SSL_CA_CERTS_PATH" not in env else []
        )
        if absent:
            problem = f"is {env['NIM_SSL_MODE']} without {' and '.join(absent)}; set what is missing, or leave TLS off"
            yield Finding("NIM_SSL_MODE", Level.REFUSE, problem)
    if "NIM_NUM_KV_CACHE_SEQ_LENS" in env and not on("NIM_RELAX_MEM_CONSTRAINTS") and family is Family.LLM_1:
        problem = "does nothing without NIM_RELAX_MEM_CONSTRAINTS=1; set that too, or remove it"
        yield Finding("NIM_NUM_KV_CACHE_SEQ_LENS", Level.WARN, problem)
    yield from _telemetry(env, family, on=on("NIM_ENABLE_OTEL"))
    yield from _decoding(env, family, trusted=on("NIM_TRUST_CUSTOM_CODE"))


def _telemetry(env: Mapping[str, str], family: Family, *, on: bool) -> Iterator[Finding]:
    if "NIM_ENABLE_OTEL" not in variables(family):
        return
    exporters = ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER")
    if not on:
        for name in sorted(env.keys() & {*exporters, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"}):
            yield Finding(name, Level.WARN, "does nothing without NIM_ENABLE_OTEL=1; set that too, or remove it")
        return
    for name in exporters:
        if env.get(name) == "otlp" and "OTEL_EXPORTER_OTLP_ENDPOINT" not in env:
            problem = "is otlp, but nothing says where to; set OTEL_EXPORTER_OTLP_ENDPOINT to the collector's address"
            yield Finding(name, Level.REFUSE, problem)


def _decoding(env: Mapping[str, str], family: Family, *, trusted: bool) -> Iterator[Finding]:
    folder = "NIM_CUSTOM_GUIDED_DECODING_BACKENDS"
    for name, variable in variables(family).items():
        if variable.kind is Kind.BACKEND and env.get(name, "") not in ("", *variable.choices) and folder not in env:
            problem = f"is {env[name]!r}; write {variable.values}, or name the folder of custom ones in {folder}"
            yield Finding(name, Level.REFUSE, problem)
    if folder in env and not trusted and folder in variables(family):
        yield Finding(folder, Level.REFUSE, "needs NIM_TRUST_CUSTOM_CODE=1; set that too, or remove it")
