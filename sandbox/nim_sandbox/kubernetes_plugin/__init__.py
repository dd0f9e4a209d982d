"""A stand-in for `pulumi-resource-kubernetes`, where the genuine plugin can be neither found nor downloaded.

A test double for the sandbox, never the product. What it covers and how it differs: docs/stand-ins.md.
"""
