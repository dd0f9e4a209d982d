"""Which server a provider talks to, read from its kubeconfig."""

import os
from pathlib import Path
from typing import Any

import msgspec
import yaml
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import User

from nim_sandbox.kubernetes_plugin.settings import Settings

AMBIENT = "~/.kube/config"


class BadKubeconfig(Exception):
    """The kubeconfig cannot be used; the message names it, what was found and the fix. It shows no credentials."""


def target(settings: Settings) -> SingleConfig:
    """The one server, user and namespace that the settings mean. Raises BadKubeconfig."""
    document, path = _document(settings.kubeconfig or os.environ.get("KUBECONFIG") or AMBIENT)
    where = f"kubeconfig {path}" if path else "the provider's kubeconfig"
    try:
        config = KubeConfig.from_dict(document, fname=path)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise BadKubeconfig(f"{where}: {error} is missing or of the wrong type; expected kind Config.") from error
    name = settings.context or config.current_context
    if name is None and settings.cluster:
        name = next((n for n, c in sorted(config.contexts.items()) if c.cluster == settings.cluster), None)
    if not name:
        raise BadKubeconfig(f"{where}: no current-context. Set it, or give the provider a context.")
    if name not in config.contexts:
        known = ", ".join(sorted(config.contexts)) or "none"
        raise BadKubeconfig(f"{where}: context {name!r} is not in it (it has: {known}). Name one of these.")
    context = config.contexts[name]
    for list_name, entry, entries in (
        ("clusters", settings.cluster or context.cluster, config.clusters),
        ("users", context.user, config.users),
    ):
        if entry and entry not in entries:
            known = ", ".join(sorted(entries)) or "none"
            raise BadKubeconfig(f"{where}: context {name!r} wants {entry!r}, {list_name} has only: {known}.")
    cluster = config.clusters[settings.cluster or context.cluster]
    if cluster.insecure:
        raise BadKubeconfig(
            f"{where}: cluster {context.cluster!r} has insecure-skip-tls-verify. The stand-in checks every server; "
            "give certificate-authority-data instead."
        )
    user = config.users[context.user] if context.user else User()
    return SingleConfig(context_name=name, context=context, cluster=cluster, user=user, fname=path)


def _document(text_or_path: str) -> tuple[dict[str, Any], Path | None]:  # Any: a YAML document, checked next
    path = None
    text = text_or_path
    if "\n" not in text and not text.lstrip().startswith("{"):
        path = Path(text).expanduser()
        if not path.is_file():
            raise BadKubeconfig(f"kubeconfig {path} does not exist. Start the sandbox or name another file.")
        text = path.read_text(encoding="utf-8")
    where = f"kubeconfig {path}" if path else "the provider's kubeconfig"
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The parser's message quotes the text, which holds credentials.
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise BadKubeconfig(f"{where} is not YAML{line}.") from None
    if not isinstance(document, dict):
        raise BadKubeconfig(f"{where} holds {type(document).__name__}, expected a mapping of kind Config.")
    return document, path
