"""A real Kubernetes control plane with simulated GPU nodes, and stand-ins for plugins that cannot be downloaded."""
