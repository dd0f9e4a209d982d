"""Reusable Pulumi components for NVIDIA NIM on Kubernetes."""
