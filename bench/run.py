"""`make bench`: every measurement that needs nothing but this repository, one after the other.

Left out, since they install peers or a vLLM: estimators.py, launcher.py, launcher_downloads.py, and real_vllm.py
without arguments; and, since it needs `make engine` and minutes, preview.py.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE.parent / "tests/data"
CONFIGS = HERE.parent / "profiles/nim_profiles/data/model_configs.json"

BENCHES = (
    ("profile_names.py", DATA / "profile_names.json"),
    ("listings.py", DATA / "listings"),
    ("fuzz_parsers.py", "2000"),
    ("memory_accuracy.py", DATA / "vllm_memory.json", "--configs", CONFIGS),
    ("real_vllm.py", "--check", DATA / "real_vllm.json"),
    ("lock_reading.py",),
    ("placement_regret.py", "--cases", "200", "--seed", "1"),
)


def main() -> int:
    """Exit code 1 when any bench says that a target was missed."""
    missed = []
    for script, *words in BENCHES:
        print(f"\n== {script}", flush=True)
        if subprocess.run([sys.executable, HERE / script, *map(str, words)], check=False).returncode:
            missed.append(script)
    print(f"\n{len(BENCHES)} benches, missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
