"""Weights and caches of attention layers: grouped heads (MHA, GQA, MQA) and MLA."""

from nim_profiles.shape.family import Family, Switch
from nim_profiles.shape.fields import Fields
from nim_profiles.shape.layer import AttentionCache, Layer
from nim_profiles.shape.tensor import Tensor, matrix, vector

HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
KV_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "kv_n_heads", "num_attention_groups")


def is_on(switch: Switch, fields: Fields) -> bool:
    if isinstance(switch, bool):
        return switch
    name, equals, value = switch.partition("=")
    if equals:
        return str(fields.option(name, default=False)) == value
    return fields.flag(name.removeprefix("+"), default=name.startswith("+"))


def head_size(fields: Fields, hidden: int) -> int:
    return fields.number("head_dim", "kv_channels", "attention_head_dim", default=hidden // fields.size(*HEADS))


def grouped_attention(
    fields: Fields,
    family: Family,
    hidden: int,
    *,
    window_tokens: int | None = None,
    chunk_tokens: int | None = None,
    heads: int = 0,
    kv_heads: int = 0,
    key_size: int = 0,
    value_size: int = 0,
    inputs: int = 0,
    shares_cache: bool = False,
) -> Layer:
    """Queries, keys, values and output of one layer; sizes given override those of the configuration.

    `shares_cache`: a layer that reads the keys and values of an earlier one makes and keeps none of its own.
    """
    heads = heads or fields.size(*HEADS)
    kv_heads = kv_heads or _kv_heads(fields, family, heads)
    key_size = key_size or head_size(fields, hidden)
    value_size = value_size or key_size
    inputs = inputs or hidden
    queries = 2 if family.attention_gate == "output" else 1
    own_heads = 0 if shares_cache else kv_heads
    tensors = [
        matrix("attention.q", inputs, queries * heads * key_size, heads),
        matrix("attention.k", inputs, own_heads * key_size, kv_heads),
        matrix("attention.v", inputs, own_heads * value_size, kv_heads),
        matrix("attention.out", heads * value_size, hidden, heads),
    ]
    if is_on(family.qkv_bias, fields):
        tensors += [
            vector("attention.q_bias", queries * heads * key_size, heads),
            vector("attention.k_bias", own_heads * key_size, kv_heads),
            vector("attention.v_bias", own_heads * value_size, kv_heads),
        ]
    if is_on(family.out_bias, fields):
        tensors.append(vector("attention.out_bias", hidden))
    if family.qk_norm and (not family.qk_norm_if or is_on(family.qk_norm_if, fields)):
        tensors += _query_key_norms(family, heads, own_heads, key_size, 2 if is_on(family.qk_norm_bias, fields) else 1)
    if family.sinks:
        tensors.append(vector("attention.sinks", heads, heads))
    if family.attention_gate == "head":
        tensors.append(matrix("attention.gate", inputs, heads, heads))
    cache = AttentionCache(kv_heads, key_size, value_size, window_tokens, chunk_tokens)
    return Layer(tuple(tensors), () if shares_cache else (cache,))


def _kv_heads(fields: Fields, family: Family, heads: int) -> int:
    if family.multi_query and is_on(family.multi_query, fields) and not fields.flag("new_decoder_architecture"):
        return fields.number("multi_query_group_num", default=1)
    return fields.number(*KV_HEADS, default=heads)


def _query_key_norms(family: Family, heads: int, kv_heads: int, key_size: int, vectors: int) -> list[Tensor]:
    if family.qk_norm == "head":
        heads, kv_heads = 1, min(kv_heads, 1)
    dealt = family.qk_norm == "dealt"
    return [
        vector("attention.q_norm", vectors * heads * key_size, heads if dealt else 1),
        vector("attention.k_norm", vectors * kv_heads * key_size, kv_heads if dealt else 1),
    ]


def latent_attention(fields: Fields, hidden: int, *, indexer: bool = False, expanded: bool = False) -> Layer:
    """MLA (DeepSeek V2 and later): the down-projections and the cache are whole on every rank."""
    heads = fields.size(*HEADS)
    rank = fields.size("kv_lora_rank")
    rope, nope = fields.size("qk_rope_head_dim"), fields.size("qk_nope_head_dim")
    value = fields.size("v_head_dim")
    query_rank = fields.option("q_lora_rank")
    tensors = [
        matrix("attention.kv_a", hidden, rank + rope),
        vector("attention.kv_a_norm", rank),
        matrix("attention.kv_b", rank, heads * (nope + value), heads),
        matrix("attention.out", heads * value, hidden, heads),
    ]
    if query_rank:
        tensors += [
            matrix("attention.q_a", hidden, query_rank),
            vector("attention.q_a_norm", query_rank),
            matrix("attention.q_b", query_rank, heads * (nope + rope), heads),
        ]
    else:
        tensors.append(matrix("attention.q", hidden, heads * (nope + rope), heads))
    if fields.flag("use_mla", default=True) and not expanded:
        caches = [AttentionCache(1, rank + rope, 0, latent=True)]
    else:  # values are padded to the size of keys
        caches = [AttentionCache(heads, nope + rope, nope + rope)]
    if indexer:
        width, count = fields.size("index_head_dim"), fields.size("index_n_heads")
        tensors += [
            matrix("indexer.q", int(query_rank or hidden), count * width),
            matrix("indexer.k", hidden, width),
            vector("indexer.k_norm", 2 * width, dtype="float32"),
            matrix("indexer.weights", hidden, count),
        ]
        # Keys in fp8 with one float32 scale per 128 values (`DeepseekV32IndexerCache`, vLLM 0.32).
        caches.append(AttentionCache(1, width + width // 128 * 4, 0, latent=True, kind="indexer", dtype="uint8"))
    return Layer(tuple(tensors), tuple(caches))
