"""docs/endpoints.md names every setting of an endpoint with its default, and what it says of the cluster is true."""

import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nim_profiles.nim_env import Family
from pulumi_nim.engine_flags import TAKES_ARGUMENTS, Way, way
from stacks.selected import ROOT
from stacks.settings import Endpoint
from tests.stacks.shapes import SHAPES, rendered

PAGE = (ROOT / "docs/endpoints.md").read_text(encoding="utf-8")
ROWS = {
    key: (default, becomes)
    for key, default, becomes in re.findall(r"^\| `([a-z_.]+)` \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
}


def models(annotation: Any) -> Iterator[type[BaseModel]]:  # Any: any type at all
    """Models inside a field's type, through optional values, lists and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from models(inner)


def settings(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield f"{above}{name}", field
        for inner in models(field.annotation):
            yield from settings(inner, f"{above}{name}.")


SETTINGS = dict(settings(Endpoint))


def uses(endpoint: dict[str, Any], key: str) -> bool:
    first, _, rest = key.partition(".")
    value = endpoint.get(first)
    if value is None or not rest:
        return value is not None
    return any(uses(part, rest) for part in (value if isinstance(value, list) else [value]))


def test_every_setting_stands_there_and_nothing_else() -> None:
    assert [*ROWS] == [*SETTINGS]


@pytest.mark.parametrize("key", SETTINGS)
def test_a_default_is_the_codes_own(key: str) -> None:
    field, (default, _) = SETTINGS[key], ROWS[key]
    if field.is_required():
        assert default == "required"
    elif field.default in (None, [], {}) or isinstance(field.default, BaseModel):
        assert default not in ("", "required")
        assert "`" not in default, "the code has no such value; say in words what holds"
    else:
        assert default == f"`{yaml.safe_dump(field.default).split()[0]}`"


@pytest.mark.parametrize("key", SETTINGS)
def test_it_becomes_what_the_page_says(key: str) -> None:
    """Each word in code stands in what some shape with this setting asks the cluster for."""
    asked = [rendered(name) for name, shape in SHAPES.items() if uses(shape, key)]
    assert asked, f"no shape uses {key}"
    words = re.findall(r"`(.+?)`", ROWS[key][1])
    assert words or ROWS[key][1].startswith(("nothing in the pod: ", "below", "exactly one of "))
    assert [word for word in words if not any(word in text for text in asked)] == []


def test_the_example_is_right() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (endpoint,) = yaml.safe_load(example)["nim:endpoints"].values()
    assert Endpoint.model_validate(endpoint).replicas == 1


def test_options_go_the_way_that_the_page_says() -> None:
    first = ".".join(map(str, TAKES_ARGUMENTS))
    assert f"| NIM {first} and later | `args` of the container |" in PAGE
    ways = [way(Family.LLM_2, first), way(Family.LLM_2, "2.0.10"), way(None, None), way(Family.LLM_1, "1.13.1")]
    assert ways == [Way.ARGUMENTS, Way.PASSTHROUGH, Way.PASSTHROUGH, Way.VARIABLES]
