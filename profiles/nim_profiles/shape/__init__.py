"""What a model is made of, read from its `config.json`."""

from nim_profiles.shape.fields import UnsupportedShape
from nim_profiles.shape.layer import AttentionCache, Layer, StateCache
from nim_profiles.shape.model_shape import ModelShape
from nim_profiles.shape.reading import read_shape
from nim_profiles.shape.tensor import Role, Tensor, UnsupportedSharding

__all__ = [
    "AttentionCache",
    "Layer",
    "ModelShape",
    "Role",
    "StateCache",
    "Tensor",
    "UnsupportedShape",
    "UnsupportedSharding",
    "read_shape",
]
