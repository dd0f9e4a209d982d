"""How long a lock file of many images takes to read: seconds for 1, 10, 50 and 200 of them, best of five."""

import json
import sys
import time
from pathlib import Path

from nim_profiles.lock import Lock

LOCK_FILE = Path(__file__).parents[1] / "stacks/nim.lock.yaml"
COUNTS = (1, 10, 50, 200)


def seconds(text: str) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        Lock.parse(text, "lock")
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    image = max(Lock.read(LOCK_FILE).images.values(), key=lambda one: len(one.profiles))
    times = {
        count: seconds(Lock(images={f"registry/model-{number}:1": image for number in range(count)}).text)
        for count in COUNTS
    }
    if "--json" in sys.argv:
        print(json.dumps(times))
        return
    for count, took in times.items():
        print(f"{count:4} images of {len(image.profiles)} profiles: {took:.3f} s, {took / count * 1000:.1f} ms each")


if __name__ == "__main__":
    main()
