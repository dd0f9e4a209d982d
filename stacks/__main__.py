"""`python -m stacks up|preview|down|status STACK`: what the Makefile calls."""

from stacks.cli import main

main()
