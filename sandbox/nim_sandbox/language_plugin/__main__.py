"""`python -m nim_sandbox.language_plugin [flags] ENGINE`: prints its port, then serves until told to stop."""

import sys

from pulumi.runtime.proto import language_pb2_grpc

from nim_sandbox.language_plugin.runtime import Runtime
from nim_sandbox.plugin_server import serve


def main() -> None:
    runtime = Runtime(engine=sys.argv[-1] if len(sys.argv) > 1 else "")
    serve(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(runtime, server), runtime.stop)


if __name__ == "__main__":
    main()
