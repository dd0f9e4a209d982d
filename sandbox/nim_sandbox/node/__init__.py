"""A real node: kubelet, containerd and their pods, in namespaces of their own that vanish with one process."""
