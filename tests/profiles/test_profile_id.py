"""Ids: the hash of the sorted tags gives every id that is known to follow the rule, and no other."""

import json
from pathlib import Path
from typing import Any

from nim_profiles.profile_id import is_profile_id, profile_id

DATA = Path(__file__).parents[1] / "data" / "profile_names.json"
ROWS: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))  # Any: JSON


def test_every_id_that_is_a_hash_of_its_tags_is_verified() -> None:
    hashed = [row for row in ROWS if row.get("id_is_blake3_of_tags")]
    assert len(hashed) == 73
    wrong = [row["id"] for row in hashed if profile_id(row.get("tags") or row["tags_derived"]) != row["id"]]
    assert wrong == []


def test_the_order_of_the_tags_never_matters_and_their_spelling_does() -> None:
    tags = {"llm_engine": "vllm", "tp": "1", "min_vram_per_device_gb": "33.0"}
    assert profile_id(dict(reversed(tags.items()))) == profile_id(tags)
    assert profile_id(tags | {"min_vram_per_device_gb": "33"}) != profile_id(tags)


def test_an_id_has_64_lower_case_hex_characters() -> None:
    good = profile_id({"llm_engine": "vllm"})
    assert good == "e2f00b2cbfb168f907c8d6d4d40406f7261111fbab8b3417a485dcd19d10cc98"
    assert is_profile_id(good)
    assert not any(
        map(is_profile_id, ["", good[:63], good + "0", good.upper(), f"{good}\n", "default", good[:-1] + "g"])
    )
