"""A fit in words."""

from nim_profiles.memory import EngineSettings, explain, fit
from tests.profiles.memory.examples import A10G, H100, LLAMA_8B, profile


def test_a_fit_says_what_it_needs_and_what_it_serves() -> None:
    lines = explain(fit(LLAMA_8B, profile(), H100, EngineSettings(max_model_len=8192)))
    assert lines[0].startswith("vllm-bf16-tp1-pp1 on H100: compatible; needs ")
    assert lines[0].endswith(" GiB per GPU for one request of 8,192 tokens (estimate)")
    assert any(line.startswith("  longest context 8,192 tokens; ") for line in lines)


def test_a_refusal_ends_with_the_flag_to_add() -> None:
    lines = explain(fit(LLAMA_8B, profile(), A10G))
    assert lines[0].startswith("vllm-bf16-tp1-pp1 on A10G: low memory; ")
    assert lines[-1].startswith("  add --max-model-len=")
    assert lines[-1].endswith(" tokens are refused")


def test_what_the_hardware_lacks_and_what_nvidia_asks_for_are_told() -> None:
    lines = explain(fit(LLAMA_8B, profile("fp8", min_vram_per_device_gb="27"), A10G))
    assert "  A10G: fp8 needs compute capability 8.9, NVIDIA-A10G has 8.6" in lines
    assert "  NVIDIA's own figure: at least 27.0 GB per GPU at this context length" in lines
