"""`python -m nim_sandbox.aws PORT KUBECONFIG`: the simulated account and its node maker, until the process is ended."""

import json
import logging
import os
import sys
from pathlib import Path


def main() -> None:
    """Its settings are read by moto when it is imported."""
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - as said above

    from nim_sandbox.aws.account import client, furnish  # noqa: PLC0415 - as above
    from nim_sandbox.aws.moto_gaps import fill  # noqa: PLC0415 - as above
    from nim_sandbox.aws.node_maker import NodeMaker  # noqa: PLC0415 - as above
    from nim_sandbox.objects import client as kubernetes_client  # noqa: PLC0415 - as above

    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it sets a level of its own
    port, kubeconfig = int(sys.argv[1]), Path(sys.argv[2])
    fill()
    # Furnished before it answers at its own port: whoever reaches it there finds everything.
    before = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    before.start()
    furnish("http://{}:{}".format(*before.get_host_and_port()), *_reached(kubeconfig))
    before.stop()
    ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False).start()
    endpoint = f"http://127.0.0.1:{port}"
    with kubernetes_client(kubeconfig) as kubernetes:
        NodeMaker(client("eks", endpoint), client("ec2", endpoint), kubernetes).run()


def _reached(kubeconfig: Path) -> tuple[str, str]:
    """Server and authority of the sandbox's own cluster."""
    (one,) = json.loads(kubeconfig.read_text(encoding="utf-8"))["clusters"]
    return str(one["cluster"]["server"]), str(one["cluster"]["certificate-authority-data"])


if __name__ == "__main__":
    main()
