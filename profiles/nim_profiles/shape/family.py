"""What sets one family of decoders apart from the plain Llama layer, as data."""

from dataclasses import dataclass

Switch = bool | str
"""Always, never, or what config.json says: `flag`, `+flag` where a missing flag means yes, or `key=value`."""


@dataclass(frozen=True, slots=True)
class Experts:
    """Mixture of experts. The names are those of config.json, the first one present counts."""

    count: tuple[str, ...] = ("n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts")
    width: tuple[str, ...] = ("moe_intermediate_size", "intermediate_size")
    used: tuple[str, ...] = (
        "num_experts_per_tok",
        "num_experts_per_token",
        "moe_topk",
        "moe_k",
        "moe_top_k",
        "experts_per_token",
    )
    layers: str = "all"
    """Which layers have experts: a rule of `feed_forward.EXPERT_LAYERS`."""
    shared_count: tuple[str, ...] = ()
    """Number of shared experts, each as wide as a routed one."""
    shared_width: tuple[str, ...] = ()
    """Width of the shared expert, where it has its own."""
    shared_unit: tuple[str, ...] = ()
    """Width of one of `shared_count`, where it is not that of a routed expert."""
    shared_gate: bool = False
    router_bias: bool = False
    router_float32: bool = False
    router_float32_if: Switch = False
    optional: bool = False
    """No experts when their count is 0; the shared one then stands alone."""
    correction: Switch = False
    """A correction per expert that is added to the router's score, kept in float32."""
    correction_in_model_dtype: bool = False
    biases: bool = False
    gated: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """Differences to Llama: grouped attention without bias, gated feed-forward, two norms, untied head."""

    attention: str = "grouped"
    """`grouped`, `latent` (MLA), `indexed` (MLA with DeepSeek's index), `expanded` (MLA cached as full heads)."""
    mixer: str = ""
    """What the layers without attention have instead: a key of `mixers.MIXERS`."""
    layer_kinds: str = ""
    """How config.json says which layer is which: a rule of `layer_kinds.RULES`; empty: all attention."""
    qkv_bias: Switch = False
    out_bias: Switch = False
    qk_norm: str = ""
    """`head`: one for all heads; `whole`: over all heads, on every rank; `dealt`: over all heads, dealt like them.
    """
    qk_norm_if: str = ""
    """The flag that switches `qk_norm` on; empty: always."""
    qk_norm_bias: Switch = False
    attention_gate: str = ""
    """`output`: the query projection also makes a gate of its own size; `head`: one gate value per head."""
    sinks: bool = False
    """One learned score per head."""
    gated: Switch = True
    mlp_bias: Switch = False
    norms: int = 2
    """Norms of hidden size in a layer."""
    single_norm: Switch = False
    """Attention and feed-forward read the same norm, so that there is one less."""
    multi_query: Switch = False
    """One KV head unless config.json counts them."""
    every_stage: tuple[str, ...] = ()
    """What each pipeline stage builds though it needs none: `embedding`, `positions`, `norm`, `head`."""
    whole: tuple[str, ...] = ()
    """Starts of the names of matrices that are whole on every rank, as transformers has no plan to deal them."""
    variation: str = ""
    """A rule of `variations.VARIATIONS` for layers that differ from one another."""
    norm_bias: Switch = False
    norm_scale: bool = True
    final_norm: bool = True
    positions: tuple[str, ...] = ()
    """Learned positions: the names of their number."""
    positions_extra: int = 0
    embedding_norms: int = 0
    """Norms (scale and bias) between embedding and first layer."""
    head_bias: bool = False
    activation_parameters: int = 0
    """Learned numbers of the activation function, per layer."""
    tied: bool = False
    """Whether head and embedding are one matrix when config.json does not say."""
    window_every: tuple[str, int] | None = None
    """Name and default of n: every n-th layer sees everything, the others a window. None: all have one."""
    experts: Experts | None = None
    mlp_width: tuple[str, ...] = ("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size")
    mlp_default: int = 0
    """Feed-forward width in hidden sizes where config.json may leave it out."""


BOTH_ENDS = ("embedding", "norm", "head")
"""`every_stage` of models whose code was not cut for pipelines."""
