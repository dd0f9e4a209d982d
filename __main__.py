"""Deploys the settings of the selected stack."""

from stacks.deploy import deploy
from stacks.selected import selected_stack

deploy(selected_stack())
