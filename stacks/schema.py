"""Writes the JSON schema of stack files beside them, for editors."""

import json

from stacks.selected import ROOT
from stacks.settings import json_schema

SCHEMA_FILE = "stacks/stack.schema.json"


def schema_text() -> str:
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    (ROOT / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
