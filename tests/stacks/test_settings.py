import jsonschema
import pytest
import yaml

from stacks.schema import SCHEMA_FILE, schema_text
from stacks.selected import ROOT
from stacks.settings import json_schema


def test_the_schema_file_is_the_settings() -> None:
    assert (ROOT / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), "run `make schema`"


def test_the_schema_refuses_what_the_settings_refuse() -> None:
    content = yaml.safe_load((ROOT / "stacks/Pulumi.local.yaml").read_text(encoding="utf-8"))
    content["config"]["nim:endpoint"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate(content)
