"""Types that manifests are made of."""

from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object in wire format; the API server checks its shape."""

Text = Any
"""A string, or the engine's promise of one: builders only put it in its place, and so need not know which."""
