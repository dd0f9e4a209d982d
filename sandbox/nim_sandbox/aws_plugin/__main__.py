"""`python -m nim_sandbox.aws_plugin ENGINE`: prints its port, then serves the engine until told to stop."""

import sys

from pulumi.runtime.proto import provider_pb2_grpc

from nim_sandbox.aws_plugin.servicer import Servicer
from nim_sandbox.kubernetes_plugin.engine_log import EngineLog
from nim_sandbox.plugin_server import serve


def main() -> None:
    engine_address = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    servicer = Servicer(EngineLog(engine_address))
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server), lambda: None)


if __name__ == "__main__":
    main()
