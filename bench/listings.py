"""Profile listings, a folder of them: `uv run python bench/listings.py DIR [--json]`.

Per file: profiles by group, with LoRA (they count in their group too), with GB, with a hint, and lines that look like a
profile but were not read. Exit 1 when there is such a line, or a file that is no listing.
"""

import argparse
import json
import sys
from pathlib import Path

from nim_profiles.listing import BadListing, Listing, Status, parse_listing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    files: dict[str, dict[str, int]] = {}
    failed = False
    for path in sorted(path for path in args.folder.iterdir() if path.is_file()):
        try:
            listing = parse_listing(path.read_text(encoding="utf-8", errors="replace"))
        except BadListing as error:
            print(f"{path}: {error}", file=sys.stderr)
            listing, failed = Listing(()), True
        files[path.name] = counts(listing)
        for line in listing.unparsed:
            print(f"{path}: not read: {line}", file=sys.stderr)
    if args.json:
        print(json.dumps({"files": files}, indent=2))
    else:
        for name, row in files.items():
            print(f"{name:24} " + "  ".join(f"{key} {value}" for key, value in row.items()))
    return 1 if failed or any(row["unparsed"] for row in files.values()) else 0


def counts(listing: Listing) -> dict[str, int]:
    rows = listing.rows
    groups = {status.value: sum(row.status is status for row in rows) for status in Status}
    del groups[Status.UNKNOWN.value]
    return {
        **groups,
        "lora": sum(row.lora for row in rows),
        "with_gb": sum(row.required_gb is not None for row in rows),
        "with_hint": sum(row.max_model_len is not None for row in rows),
        "unparsed": len(listing.unparsed),
    }


if __name__ == "__main__":
    sys.exit(main())
