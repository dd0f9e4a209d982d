"""The pods that are ready behind a service, as addresses: what a kube-proxy would know."""

from lightkube import Client
from lightkube.resources.discovery_v1 import EndpointSlice

from nim_sandbox.node.relay import Address


def ready_addresses(api: Client, service: str, namespace: str) -> list[Address] | None:
    """With the port of the service's first one; None where it has no slice, so most likely does not exist."""
    slices = list(api.list(EndpointSlice, namespace=namespace, labels={"kubernetes.io/service-name": service}))
    found = {
        (address, port.port)
        for one in slices
        for port in (one.ports or ())[:1]
        for endpoint in one.endpoints or ()
        if endpoint.conditions is not None and endpoint.conditions.ready and port.port is not None
        for address in endpoint.addresses
    }
    return sorted(found) if slices else None
