"""Spoilt manifests, listings and names: `uv run python bench/fuzz_parsers.py [N] [--seed S]`, N cases of each.

Each must give a value or the parser's own error; anything else is printed with its seed, and the exit code is 1.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nim_profiles.listing import BadListing, parse_listing
from nim_profiles.manifest import BadManifest, parse_manifest, write_manifest
from nim_profiles.name import BadProfileName, ProfileName

DATA = Path(__file__).parents[1] / "tests" / "data"
SPICE = (
    *("\0", "\n", "\r", "\t", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "!x ", "'", '"', "...", "|", "(", ")", "-"),
    *("\ud800", "\u0661", "\x1b[31m", "<<", "? ", "tp0", "pp", "1e999", "~", "#", "%", "@", "\ufeff", "---\n", "٣"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    manifests = [cut(path, 60) for path in sorted((DATA.parents[1] / "stacks/manifests").iterdir())]
    listings = [path.read_text(encoding="utf-8") for path in sorted((DATA / "listings").iterdir())]
    rows = json.loads((DATA / "profile_names.json").read_text(encoding="utf-8"))
    names = [row["name"] for row in rows if row["name"]]
    failed = 0
    for what, seeds, check in (
        ("manifests", manifests, check_manifest),
        ("listings", listings, check_listing),
        ("names", names, check_name),
    ):
        failed += run(what, seeds, check, args.cases, args.seed)
    return 1 if failed else 0


def cut(path: Path, lines: int) -> str:
    return "\n".join(path.read_text(encoding="utf-8").split("\n")[:lines])


def run(what: str, seeds: list[str], check: Callable[[str], bool], cases: int, first: int) -> int:
    values = failed = 0
    slowest = 0.0
    for seed in range(first, first + cases):
        rng = random.Random(seed)  # noqa: S311 - no secret
        text = spoil(rng, rng.choice(seeds))
        start = time.perf_counter()
        try:
            values += check(text)
        except Exception as error:  # noqa: BLE001 - any other error is what this looks for
            failed += 1
            print(f"{what}, seed {seed}: {error!r}")
        slowest = max(slowest, time.perf_counter() - start)
    print(
        f"{what}: {cases} cases, {values} values, {cases - values - failed} refused, {failed} failed, {slowest=:.3f} s"
    )
    return failed


def spoil(rng: random.Random, text: str) -> str:
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randint(0, len(text)), rng.choice((0, 1, 1, 5, 40))
        new = rng.choice((rng.choice(SPICE), chr(rng.randrange(0x250)), text[at : at + 80], rng.choice(SPICE) * 50))
        text = text[:at] + new + text[at + length :]
    return text


def check_manifest(text: str) -> bool:
    try:
        manifest = parse_manifest(text)
    except BadManifest:
        return False
    for profile in manifest.profiles:
        _ = profile.gpu_count, profile.min_vram_per_device_gb, profile.lora
    assert parse_manifest(write_manifest(manifest)) == manifest, "written and read back, it differs"
    return True


def check_listing(text: str) -> bool:
    try:
        listing = parse_listing(text)
    except BadListing:
        return False
    for profile in listing.profiles:
        _ = profile.gpu_count, profile.min_vram_per_device_gb, profile.lora
    return True


def check_name(text: str) -> bool:
    try:
        name = ProfileName.parse(text)
    except BadProfileName:
        return False
    assert str(name) == text, "printed, it differs"
    _ = name.tags(), name.lora
    return True


if __name__ == "__main__":
    sys.exit(main())
