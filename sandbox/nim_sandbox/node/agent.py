"""`python -m nim_sandbox.node.agent`: what the node has beside its kubelet. Relays, names and volumes, in one."""

import argparse
import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from lightkube import Client, KubeConfig

from nim_sandbox.node.dns import Responder
from nim_sandbox.node.endpoints import ready_addresses
from nim_sandbox.node.relay import door, relay
from nim_sandbox.node.settings import ADDRESS
from nim_sandbox.node.volumes import provide

LOOK_SECONDS = 0.5
KUBELET_HEALTH_PORT = 10248
"""The kubelet's own default, on loopback."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", required=True, type=Path)
    parser.add_argument("--door", required=True, type=Path)
    parser.add_argument("--api-port", required=True, type=int)
    parser.add_argument("--health-port", required=True, type=int)
    parser.add_argument("--machine", required=True, type=int, help="descriptor of the machine's network namespace")
    arguments = parser.parse_args()
    api = Client(config=KubeConfig.from_file(arguments.kubeconfig), trust_env=False)
    threading.Thread(target=_keep_providing, args=(api,), daemon=True).start()
    asyncio.run(_serve(arguments, api))


async def _serve(arguments: argparse.Namespace, api: Client) -> None:
    machine, node = arguments.machine, os.open("/proc/self/ns/net", os.O_RDONLY)
    loopback = "127.0.0.1"

    async def addresses(service: str, namespace: str) -> list[str] | None:
        found = await asyncio.to_thread(ready_addresses, api, service, namespace)
        return None if found is None else [address for address, _ in found]

    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Responder(addresses), local_addr=(ADDRESS, 53))
    api_server, health = (loopback, arguments.api_port), (loopback, arguments.health_port)
    servers = [
        await relay(api_server, node, api_server, machine),
        await relay(health, machine, (loopback, KUBELET_HEALTH_PORT), node),
        await door(arguments.door, node),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _keep_providing(api: Client) -> None:
    while True:
        try:
            provide(api)
        except Exception as error:  # noqa: BLE001 - an API server that starts, stops or is busy: the next look will do
            print(f"volumes: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            time.sleep(2)
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
