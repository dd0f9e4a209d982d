"""A preview on paper: of files alone, with no state, no cluster, no cloud and no secret."""

import os
from pathlib import Path

FILES = "NIM_PREVIEW_FILES"
"""Names the folder whose stack and lock files are previewed on paper. `python -m stacks preview` sets it."""
NO_CLUSTER = Path("/no-cluster-in-a-preview-on-paper")
"""What the Kubernetes provider gets for a kubeconfig there: one that leads nowhere."""


def files() -> Path | None:
    """Root of the files that are previewed; None where this is no preview on paper."""
    given = os.environ.get(FILES)
    return None if given is None else Path(given)
