"""A model as memory sees it: its tensors by layer, and what each layer keeps for a request."""

from dataclasses import dataclass
from functools import cached_property

from nim_profiles.shape.fields import UnsupportedShape
from nim_profiles.shape.layer import Layer
from nim_profiles.shape.quantization import Quantization
from nim_profiles.shape.tensor import Tensor


@dataclass(frozen=True)
class ModelShape:
    """Read from a Hugging Face `config.json`; says nothing about GPUs, engines or profiles."""

    name: str
    architecture: str
    """As in `architectures`, of the whole model."""
    hidden_size: int
    vocab_size: int
    max_position_embeddings: int
    feed_forward_width: int
    """Widest feed-forward that one token passes: for experts the used ones together with the shared ones."""
    rotary_size: int
    """Elements per position of the cos/sin table; 0 where there is none."""
    layers: tuple[Layer, ...]
    first: tuple[Tensor, ...]
    """On the first pipeline stage: embeddings."""
    last: tuple[Tensor, ...]
    """On the last: final norm, output matrix."""
    tied: tuple[Tensor, ...] = ()
    """The embedding where it is also the output matrix: the last stage needs its own copy of it."""
    everywhere: tuple[Tensor, ...] = ()
    """On every stage."""
    caches_prefixes: bool = True
    """vLLM 0.32 turns prefix caching off for families without any attention (Mamba)."""
    vision: tuple[Tensor, ...] = ()
    """Towers and projectors for pictures; each stage builds them."""
    uncounted: tuple[str, ...] = ()
    """Parts that the configuration does not describe well enough (a tower without sizes), and so are missing here."""
    quantization: Quantization | None = None
    dtype: str | None = None
    """What the checkpoint was saved in, where it says so."""

    @cached_property
    def parameter_count(self) -> int:
        """As published: nothing padded, nothing copied, a tied head once."""
        parts = (*self.first, *self.last, *self.everywhere, *self.vision)
        return sum(t.elements for t in parts) + sum(t.elements for layer in self.layers for t in layer.tensors)

    def stages(self, pipeline_parallel: int) -> tuple[tuple[Layer, ...], ...]:
        """Layers of each pipeline stage: an equal share each, what remains from the last but one backwards.

        Source: `get_pp_indices`, vLLM 0.32. Raises UnsupportedShape for more stages than layers.
        """
        if pipeline_parallel > len(self.layers):
            raise UnsupportedShape(
                self.name, f"{len(self.layers)} layers cannot make {pipeline_parallel} pipeline stages"
            )
        share, rest = divmod(len(self.layers), pipeline_parallel)
        counts = [share] * pipeline_parallel
        for back in range(2, rest + 2):
            counts[-back] += 1
        starts = [sum(counts[:stage]) for stage in range(pipeline_parallel)]
        return tuple(self.layers[start : start + count] for start, count in zip(starts, counts, strict=True))
