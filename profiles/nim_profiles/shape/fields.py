"""Reading a Hugging Face `config.json`: names that differ from family to family, and a refusal where one is missing."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    """What the configuration classes of transformers 5.19 assume, by `model_type` (read from them, 2026-11-22)."""
    found: dict[str, dict[str, Any]] = json.loads(
        files("nim_profiles.data").joinpath("config_defaults.json").read_text()
    )
    return found


class UnsupportedShape(ValueError):
    """The configuration is not one whose weights and cache we know how to count. Says which field or architecture."""

    def __init__(self, model: str, why: str) -> None:
        super().__init__(f"{model}: {why}")
        self.model = model
        self.why = why


class Fields:
    """A configuration with the defaults of its architecture behind it.

    `size` refuses what the file leaves out, instead of guessing; only a decoder nested in a larger model may leave it
    to the defaults of transformers, as published files do. Switches always may.
    """

    def __init__(self, config: Mapping[str, Any], model: str, *, nested: bool = False) -> None:
        # DBRX keeps the sizes of its blocks one level down.
        self.config = {**config, **config.get("attn_config", {}), **config.get("ffn_config", {})}
        self.model = model
        known = _defaults().get(str(config.get("model_type")), {})
        self.defaults = {name: value for name, value in known.items() if nested or isinstance(value, bool | str)}

    def option(self, *names: str, default: Any = None) -> Any:  # JSON value of any kind
        """The first of `names` that is set, else the architecture's own default, else `default`.

        A name that the file sets to null is not set, and keeps the architecture's default away.
        """
        for name in names:
            if self.config.get(name) is not None:
                return self.config[name]
        if not any(name in self.config for name in names):
            for name in names:
                if name in self.defaults:
                    return self.defaults[name]
        return default

    def flag(self, *names: str, default: bool = False) -> bool:
        return bool(self.option(*names, default=default))

    def number(self, *names: str, default: int) -> int:
        return int(self.option(*names, default=default))

    def size(self, *names: str) -> int:
        """A size that must be in the file."""
        for name in names:
            value = self.config.get(name, self.defaults.get(name))
            if isinstance(value, int | float) and not isinstance(value, bool):
                return int(value)
        raise UnsupportedShape(
            self.model, f"config.json lacks {' or '.join(names)}; give the model's whole config.json"
        )

    def list(self, *names: str) -> list[Any]:
        value = self.option(*names, default=())
        return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []

    def has(self, name: str) -> bool:
        return self.config.get(name) is not None

    def refuse(self, why: str) -> UnsupportedShape:
        return UnsupportedShape(self.model, why)
