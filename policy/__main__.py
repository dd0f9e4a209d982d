"""The policy pack of the engine: `pulumi preview --policy-pack policy`."""

import sys
from pathlib import Path

# The engine starts a pack in a folder of its own, and the program is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stacks.policy_pack import run

run()
