"""Environment variables: those of the launcher itself, and NIM's that become options of vLLM."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

OWN = {
    "NIM_MODEL_PROFILE": "id, name or `default`; unset: the best profile that runs",
    "NIM_CACHE_PATH": "folder of downloaded weights (default /opt/nim/.cache)",
    "NIM_MODEL_PATH": "weights to serve instead of those in the cache: a folder, or a name on Hugging Face",
    "NIM_REPOSITORY_OVERRIDE": "where download-to-cache gets files: a folder, an http(s) address or an oci:// artifact",
    "NIM_PASSTHROUGH_ARGS": "options of vLLM, split like a shell line; above the other variables, below arguments",
    "NIM_LAUNCHER_MANIFEST": "the manifest (default: model_manifest.yaml beside the zip application)",
    "NIM_LAUNCHER_GPU_CHECK": "`off` starts vLLM whatever the GPUs are",
    "NIM_LAUNCHER_OPTION_CHECK": "`off` leaves it to vLLM to refuse options",
    "NIM_LAUNCHER_DRAIN_SECONDS": "how long requests may still run after SIGTERM: vLLM's --shutdown-timeout",
    "NIM_LAUNCHER_MULTI_NODE": "`ray` or `native`; unset: native where this vLLM can",
}
"""The launcher's own, each with its meaning."""

VALUES = {
    "NIM_SERVER_PORT": "--port",
    "NIM_SERVED_MODEL_NAME": "--served-model-name",
    "NIM_TENSOR_PARALLEL_SIZE": "--tensor-parallel-size",
    "NIM_PIPELINE_PARALLEL_SIZE": "--pipeline-parallel-size",
    "NIM_MAX_MODEL_LEN": "--max-model-len",
    "NIM_MAX_NUM_SEQS": "--max-num-seqs",
    "NIM_KVCACHE_PERCENT": "--gpu-memory-utilization",
    "NIM_GPU_MEM_FRACTION": "--gpu-memory-utilization",
    "NIM_MAX_LORA_RANK": "--max-lora-rank",
    "NIM_MAX_GPU_LORAS": "--max-loras",
    "NIM_MAX_CPU_LORAS": "--max-cpu-loras",
    "NIM_PEFT_SOURCE": "--lora-modules",
    "NIM_TOKENIZER_MODE": "--tokenizer-mode",
    "NIM_CHAT_TEMPLATE": "--chat-template",
    "NIM_TOOL_CALL_PARSER": "--tool-call-parser",
    "NIM_TOOL_PARSER_PLUGIN": "--tool-parser-plugin",
    "NIM_GUIDED_DECODING_BACKEND": "--structured-outputs-config.backend",
    "NIM_SSL_KEY_PATH": "--ssl-keyfile",
    "NIM_SSL_CERT_PATH": "--ssl-certfile",
    "NIM_SSL_CERTS_PATH": "--ssl-certfile",
    "NIM_SSL_CA_CERTS_PATH": "--ssl-ca-certs",
}
"""Variables with a value, in rising order of precedence where two mean one option."""

SWITCHES = {
    "NIM_DISABLE_CUDA_GRAPH": "--enforce-eager",
    "NIM_TRUST_CUSTOM_CODE": "--trust-remote-code",
    "NIM_FORCE_TRUST_REMOTE_CODE": "--trust-remote-code",
    "NIM_ENABLE_AUTO_TOOL_CHOICE": "--enable-auto-tool-choice",
    "NIM_ENABLE_KV_CACHE_REUSE": "--enable-prefix-caching",
}
"""Variables that are true or false."""

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class BadVariable(ValueError):
    """A variable holds what it cannot; the text says what and the fix."""


def words_from(environ: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """(variable, words for vLLM), lowest precedence first. Empty variables say nothing. Raises BadVariable."""
    for variable, flag in VALUES.items():
        if value := environ.get(variable, ""):
            yield variable, _words(variable, flag, value)
    for variable, flag in SWITCHES.items():
        if value := environ.get(variable, "").lower():
            if value not in TRUE + FALSE:
                raise BadVariable(f"{variable} is {value!r}: write 1 or 0")
            yield variable, [flag if value in TRUE else f"--no-{flag[2:]}"]
    if passed := environ.get("NIM_PASSTHROUGH_ARGS"):
        try:
            yield "NIM_PASSTHROUGH_ARGS", shlex.split(passed)
        except ValueError as error:
            raise BadVariable(f"NIM_PASSTHROUGH_ARGS cannot be split like a shell line: {error}") from None


def _words(variable: str, flag: str, value: str) -> list[str]:
    if variable == "NIM_SERVED_MODEL_NAME":
        return [flag, *(name.strip() for name in value.split(",") if name.strip())]
    if variable == "NIM_PEFT_SOURCE":
        try:
            adapters = sorted(path for path in Path(value).iterdir() if (path / "adapter_config.json").is_file())
        except OSError as error:
            raise BadVariable(f"NIM_PEFT_SOURCE is {value!r}, which cannot be read: {error.strerror}") from None
        if not adapters:
            raise BadVariable(f"NIM_PEFT_SOURCE is {value!r}: no folder in it has an adapter_config.json")
        return [flag, *(f"{path.name}={path}" for path in adapters)]
    return [f"{flag}={value}"]


def unknown(environ: Mapping[str, str]) -> tuple[str, ...]:
    """NIM variables that do nothing here. Those that Kubernetes sets for Services are none of them."""
    known = {*OWN, *VALUES, *SWITCHES, "NIM_LAUNCHER_METADATA"}
    service = re.compile(r"_SERVICE_(HOST|PORT)|_PORT(_\d+_(TCP|UDP)|$)")
    return tuple(
        sorted(name for name in environ if re.match("NIM_", name) and name not in known and not service.search(name))
    )
