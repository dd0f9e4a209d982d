"""Configurations of 206 well-known models, by name, as public catalogues have them (sources in every row)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from nim_profiles.shape import ModelShape, read_shape


class UnknownModel(LookupError):
    """No configuration of this name."""


@cache
def known_configs() -> Mapping[str, Mapping[str, Any]]:
    """`config.json` by model name, as far as the source has it. A second row of a name fills in what is missing."""
    configs: dict[str, dict[str, Any]] = {}
    for row in json.loads(files("nim_profiles.data").joinpath("model_configs.json").read_text()):
        configs[row["model"]] = {**_as_config(row), **configs.get(row["model"], {})}
    return MappingProxyType(configs)


@cache
def known_shape(model: str) -> ModelShape:
    """The shape of a model of the catalogue. Raises UnknownModel, or UnsupportedShape where its row is incomplete."""
    if model not in known_configs():
        raise UnknownModel(f"{model} is not in the catalogue of model shapes; give its config.json")
    return read_shape(known_configs()[model], model)


def _as_config(row: Mapping[str, Any]) -> dict[str, Any]:
    config = {key: value for key, value in row.items() if value is not None}
    named = (row.get("kaito") or {}).get("architectures")
    if named and "architectures" not in config:
        config["architectures"] = named
    period, layers = row.get("layer_types_period"), row.get("num_hidden_layers")
    if period and layers:
        config["layer_types"] = _repeated(period, layers, row.get("layer_types_counts") or {})
    return config


def _repeated(start: list[str], layers: int, counts: Mapping[str, int]) -> list[str]:
    """The shortest period that explains the start of the list and its counts; nothing where none does."""
    for length in range(1, len(start) + 1):
        kinds = [start[layer % length] for layer in range(layers)]
        if kinds[: len(start)] == start[:layers] and all(kinds.count(kind) == count for kind, count in counts.items()):
            return kinds
    return []
