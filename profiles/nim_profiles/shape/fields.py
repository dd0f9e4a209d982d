"""Reading a Hugging Face `config.json`: names that differ from family to family, and a refusal where one is missing."""

from collections.abc import Mapping, Sequence
from typing import Any


class UnsupportedShape(ValueError):
    """The configuration is not one whose weights and cache we know how to count. Says which field or architecture."""

    def __init__(self, model: str, why: str) -> None:
        super().__init__(f"{model}: {why}")
        self.model = model
        self.why = why


class Fields:
    """A configuration with the defaults of its architecture behind it.

    `size` never falls back on a default: a size that the file leaves out is refused, not guessed. Switches and details
    (`option`, `flag`, `number`) use what transformers' own configuration class would use.
    """

    def __init__(self, config: Mapping[str, Any], defaults: Mapping[str, Any], model: str) -> None:
        self.config = config
        self.defaults = defaults
        self.model = model

    def option(self, *names: str, default: Any = None) -> Any:  # JSON value of any kind
        """The first of `names` that is set, else the architecture's own default, else `default`."""
        for source in (self.config, self.defaults):
            for name in names:
                if source.get(name) is not None:
                    return source[name]
        return default

    def flag(self, *names: str, default: bool = False) -> bool:
        return bool(self.option(*names, default=default))

    def number(self, *names: str, default: int) -> int:
        return int(self.option(*names, default=default))

    def size(self, *names: str) -> int:
        """A size that must be in the file."""
        for name in names:
            value = self.config.get(name)
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
