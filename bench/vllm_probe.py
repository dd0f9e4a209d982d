"""Runs inside vLLM's environment: starts one model and prints what vLLM counted, as one line of JSON.

Also loaded into each vLLM worker (`worker_extension_cls`), where it counts parameters as built, before the CPU
back end repacks them.
"""

import json
import os
import re
import sys
from typing import Any

os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")

from vllm.model_executor.model_loader import base_loader  # type: ignore[import-not-found]  # its own environment

MAX_LEN_LIMIT = 1 << 22
_counted: list[int] = []
_repack = base_loader.process_weights_after_loading


def _count_then_repack(model: Any, *rest: Any) -> Any:
    _counted.append(sum(p.numel() * p.element_size() for p in model.parameters()))
    return _repack(model, *rest)


base_loader.process_weights_after_loading = _count_then_repack


class CountingWorker:
    """Mixed into vLLM's worker."""

    def counted_weight_bytes(self) -> int:
        return _counted[-1]

    def kv_cache_specs(self) -> Any:
        return self.get_kv_cache_spec()  # type: ignore[attr-defined]  # the worker it is mixed into has it


def main() -> None:
    from vllm import LLM  # type: ignore[import-not-found]  # noqa: PLC0415 - workers import this file, and must not import the front end
    from vllm.v1.core import kv_cache_utils  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

    request = json.loads(sys.argv[1])
    settings = dict(request["settings"])
    kv_bytes, tp, pp = settings.pop("kv_bytes"), settings.pop("tp", 1), settings.pop("pp", 1)
    llm = LLM(
        model=request["model"],
        load_format="dummy",
        skip_tokenizer_init=True,
        enforce_eager=True,
        kv_cache_memory_bytes=kv_bytes,
        tensor_parallel_size=tp,
        pipeline_parallel_size=pp,
        distributed_executor_backend="uni" if tp * pp == 1 else "mp",
        worker_extension_cls="vllm_probe.CountingWorker",
        max_num_seqs=16,
        **settings,
    )
    config = llm.llm_engine.vllm_config
    core = llm.llm_engine.engine_core.engine_core
    blocks = core.scheduler.kv_cache_config
    length = config.model_config.max_model_len
    concurrency = kv_cache_utils.get_max_concurrency_for_kv_cache_config(config, blocks)
    specs = llm.collective_rpc("kv_cache_specs")
    config.model_config.max_model_len = MAX_LEN_LIMIT
    longest = MAX_LEN_LIMIT
    try:
        kv_cache_utils.get_kv_cache_configs(config, specs, [kv_bytes] * len(specs))
    except ValueError as refusal:
        found = re.search(r"estimated maximum model length is (\d+)", str(refusal))
        longest = int(found.group(1)) if found else 0
    counted = {
        "weight_bytes_per_rank": llm.collective_rpc("counted_weight_bytes"),
        "kv_tokens": int(concurrency * length),
        "max_model_len": length,
        "max_num_batched_tokens": config.scheduler_config.max_num_batched_tokens,
        "max_len": longest,
        "max_len_limit": MAX_LEN_LIMIT,
    }
    print(json.dumps(counted))
    sys.stdout.flush()
    os._exit(0)  # the engine's own shutdown takes longer than the count


if __name__ == "__main__":
    main()
