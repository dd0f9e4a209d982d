"""Which source each file of a profile comes from: one answer for a run, so that a registry is asked once."""

from collections.abc import Callable, Mapping

from nim_launcher import oci
from nim_launcher.source import Location, locate
from nim_profiles.profile import Artifact


def finder(base: str | None, workspace: str, environ: Mapping[str, str]) -> Callable[[Artifact], Location]:
    """`base` is a folder, an http(s) address or a registry's artifact; `{workspace}` in it is the workspace's key.

    Raises Refused, as does what it returns.
    """
    if base and oci.is_address(base):
        address = base.replace("{workspace}", workspace)
        known = oci.files(address, environ)
        return lambda artifact: oci.pick(known, artifact, address)
    return lambda artifact: locate(artifact, base, workspace, environ)
