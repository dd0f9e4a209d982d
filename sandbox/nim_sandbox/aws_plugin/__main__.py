"""`python -m nim_sandbox.aws_plugin ENGINE`: prints its port, then serves the engine until told to stop."""

from nim_sandbox.aws_plugin.servicer import Servicer
from nim_sandbox.stand_in import serve_stand_in

if __name__ == "__main__":
    serve_stand_in(Servicer)
