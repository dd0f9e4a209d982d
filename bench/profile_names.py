"""Profile names and ids against rows of known ones: `uv run python bench/profile_names.py FILE [--json]`.

A row is parsed by its name; where it has none, by the name that follows from its tags; where it has neither, by its id.
It agrees when each tag the name spells is the row's (capitals, separators in GPU words, `-lora` behind latency or
throughput aside), LoRA is the row's, and the name holds no tag value in plain sight that parsing missed. Ids are
checked where a row has tags and says `id_is_blake3_of_tags`. Exit 1 when a row fails, disagrees, or an id is not
verified.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nim_profiles.name import BadProfileName, ProfileName
from nim_profiles.profile_id import is_profile_id, profile_id

Row = Mapping[str, Any]  # Any: JSON


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(json.loads(args.file.read_text(encoding="utf-8")))
    if args.json:
        print(json.dumps(result, indent=2))
    else:
        for key, value in result.items():
            print(f"{key:14} {value if key != 'failures' else len(value)}")
        for failure in result["failures"]:
            print(f"  {failure['name']}: {failure['why']}")
    return 1 if result["failures"] else 0


def measure(rows: list[Row]) -> dict[str, Any]:
    counts = dict.fromkeys(("parsed", "disagreements", "round_trips", "ids_checked", "ids_verified"), 0)
    failures: list[dict[str, str | None]] = []
    for row in rows:
        tags: dict[str, str] | None = row.get("tags") or row.get("tags_derived")
        whys: list[str] = []
        try:
            text, name = _parsed(row, tags)
        except BadProfileName as error:
            whys.append(str(error))
        else:
            counts["parsed"] += 1
            counts["round_trips"] += str(name or row["id"]) == text
            clashes = _clashes(name, tags) if name and tags else []
            counts["disagreements"] += bool(clashes)
            whys += clashes
            if str(name or row["id"]) != text:
                whys.append(f"printed as {name}")
        if tags and row.get("id_is_blake3_of_tags") is True:
            counts["ids_checked"] += 1
            verified = profile_id(tags) == row.get("id")
            counts["ids_verified"] += verified
            if not verified:
                whys.append(f"the id of its tags is {profile_id(tags)}, not {row.get('id')}")
        failures += [{"name": row.get("name") or row.get("id"), "why": why} for why in whys]
    return {"rows": len(rows), **counts, "failures": failures}


def _parsed(row: Row, tags: Mapping[str, str] | None) -> tuple[str, ProfileName | None]:
    if row.get("name"):
        return row["name"], ProfileName.parse(row["name"])
    if tags:
        text = str(ProfileName.from_tags(tags))
        return text, ProfileName.parse(text)
    if not is_profile_id(row.get("id") or ""):
        raise BadProfileName(str(row.get("id")), 0, "neither a name, nor tags, nor an id")
    return row["id"], None


def _clashes(name: ProfileName, tags: Mapping[str, str]) -> list[str]:
    spelled = name.tags()
    clashes = [
        f"{tag} is {value!r} by the name, {tags.get(tag)!r} by the tags"
        for tag, value in spelled.items()
        if _plain(tag, value) != _plain(tag, tags.get(tag))
    ]
    if name.lora != (tags.get("feat_lora", "").lower() == "true"):
        clashes.append(f"lora is {name.lora} by the name, feat_lora {tags.get('feat_lora')!r} by the tags")
    if name.free_form is None:
        words = str(name).lower().split("-")
        for tag, value in tags.items():
            word = f"{tag}{value}" if tag in {"tp", "pp"} else value.lower()
            if len(word) > 2 and word in words and tag not in spelled and word != "true":
                clashes.append(f"{tag} {value!r} stands in the name, but was not read")
    return clashes


def _plain(tag: str, value: str | None) -> str | None:
    if value is None:
        return None
    if tag == "llm_engine":
        return "tensorrt_llm" if value == "trtllm" else value
    if tag == "gpu":
        return re.sub(r"[\s_-]+", "-", value.lower())
    return value.lower().removesuffix("-lora")


if __name__ == "__main__":
    sys.exit(main())
