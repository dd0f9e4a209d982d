"""What is refused before an engine starts, because no engine could take it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.faults import BadStackFile
from stacks.preflight import CONFIG_BYTES, config_bytes, planned
from tests.stacks.samples import raw


def of(endpoints: int) -> dict[str, Any]:
    """A stack file's content with so many endpoints."""
    one = raw()["endpoints"]["llama"]
    return {**raw(), "endpoints": {f"llama-{number}": one for number in range(endpoints)}}


def test_the_size_is_that_of_the_json_in_which_the_engine_writes_a_mapping_as_text() -> None:
    assert config_bytes({"namespace": "nim"}) == len('{"nim:namespace":"nim"}')
    assert config_bytes({"pools": {"a": 1}}) == len(r'{"nim:pools":"{\"a\":1}"}')


def test_more_endpoints_than_the_engine_can_hand_on_are_refused_in_one_line(tmp_path: Path) -> None:
    fits, much = of(400), of(700)
    assert config_bytes(fits) < CONFIG_BYTES
    (tmp_path / "stacks").mkdir()
    file = tmp_path / "stacks/Pulumi.test.yaml"
    file.write_text(yaml.safe_dump({"config": {f"nim:{key}": value for key, value in much.items()}}), encoding="utf-8")
    with pytest.raises(BadStackFile) as refused:
        planned(tmp_path, "test")
    assert str(refused.value) == (
        "stacks/Pulumi.test.yaml: config: has 161,067 bytes as the engine writes it; "
        "it can hand 131,057 to a program; move some of the endpoints to a stack of their own"
    )
