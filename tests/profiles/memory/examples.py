"""Models, GPUs and profiles that the memory tests share."""

from nim_profiles.gpu import Gpu
from nim_profiles.profile import Profile
from nim_profiles.shape import read_shape
from nim_profiles.units import MIB

LLAMA_8B = read_shape(
    {
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 128256,
        "max_position_embeddings": 131072,
    },
    "llama-8b",
)
GPT_OSS_20B = read_shape(
    {
        "architectures": ["GptOssForCausalLM"],
        "hidden_size": 2880,
        "intermediate_size": 2880,
        "num_hidden_layers": 24,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "num_local_experts": 32,
        "num_experts_per_tok": 4,
        "sliding_window": 128,
        "layer_types": ["sliding_attention", "full_attention"] * 12,
        "vocab_size": 201088,
        "max_position_embeddings": 131072,
        "quantization_config": {"quant_method": "mxfp4"},
    },
    "gpt-oss-20b",
)

A10G = Gpu("NVIDIA-A10G", "A10G", 22888 * MIB, (8, 6), "Ampere")
L4 = Gpu("NVIDIA-L4", "L4", 22888 * MIB, (8, 9), "Ada Lovelace")
L40S = Gpu("NVIDIA-L40S", "L40S", 45776 * MIB, (8, 9), "Ada Lovelace")
H100 = Gpu("NVIDIA-H100-80GB-HBM3", "H100", 81559 * MIB, (9, 0), "Hopper")
A100 = Gpu("NVIDIA-A100-SXM4-80GB", "A100", 81920 * MIB, (8, 0), "Ampere")


def gpu_of(memory_mib: int) -> Gpu:
    """A made-up GPU of any size."""
    return Gpu(f"test-{memory_mib}", f"test-{memory_mib}", memory_mib * MIB, (9, 0), "Hopper")


def profile(precision: str = "bf16", tensor_parallel: int = 1, pipeline_parallel: int = 1, **tags: str) -> Profile:
    name = f"vllm-{precision}-tp{tensor_parallel}-pp{pipeline_parallel}"
    split = {"tp": str(tensor_parallel), "pp": str(pipeline_parallel)}
    number = {"bf16": 1, "fp8": 2, "mxfp4": 3}[precision] * 100 + tensor_parallel * 10 + pipeline_parallel
    return Profile(f"{number:064x}", name, {"llm_engine": "vllm", "precision": precision, **split, **tags})
