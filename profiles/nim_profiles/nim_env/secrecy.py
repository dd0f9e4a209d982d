"""Secrets that stand in an environment as plain text."""

import re

from nim_profiles.nim_env.variable import anywhere
from nim_profiles.vllm_args.redaction import is_secret

REFERENCE = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_]*\)")
"""Kubernetes puts another variable's value here when the container starts."""

SHAPES = re.compile(
    r"nvapi-[\w-]{16,}|\bhf_[A-Za-z0-9]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/@\s]+@|[?&](X-Amz-Signature|sig)="
)
"""Keys of NGC and Hugging Face, private keys, names in addresses, signed addresses."""

FIX = "keep it in a Secret and let the container read it by reference"


def secret_problem(name: str, value: str) -> str | None:
    """Says what is wrong without the value; None where nothing is."""
    if not value or REFERENCE.fullmatch(value):
        return None
    if is_secret(name) or any(variable.secret for variable in anywhere(name)):
        return f"is a secret in plain text (not shown); {FIX}"
    if SHAPES.search(value):
        return f"has a key or a password in its value (not shown); {FIX}"
    return None
