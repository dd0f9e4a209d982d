from datetime import date

import jsonschema
import pytest
import yaml

from stacks.schema import SCHEMA_FILE, schema_text
from stacks.selected import ROOT
from stacks.settings import Policy, json_schema


def test_the_schema_file_is_the_settings() -> None:
    assert (ROOT / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), "run `make schema`"


def test_the_schema_refuses_what_the_settings_refuse() -> None:
    content = yaml.safe_load((ROOT / "stacks/Pulumi.local.yaml").read_text(encoding="utf-8"))
    content["config"]["nim:endpoint"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate(content)


@pytest.mark.parametrize("written", ["2027-03-31", date(2027, 3, 31), "2027-03-31 00:00:00 +0000 UTC"])
def test_a_day_is_understood_with_quotes_without_and_as_the_engine_hands_it_on(written: object) -> None:
    exception = {"rule": "spot-alone", "reason": "a trial", "until": written}
    assert Policy.model_validate({"exceptions": [exception]}).exceptions[0].until == date(2027, 3, 31)
