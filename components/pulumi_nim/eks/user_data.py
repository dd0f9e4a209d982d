"""What a node is told before it joins: to use its local disks. EKS merges its own part, for our template has no AMI."""

from base64 import b64encode

from pulumi_nim.eks.node_group import EksNodeGroup, ImageFamily

_BOUNDARY = "nim"
_NODE_CONFIG = """apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  instance:
    localStorage:
      strategy: RAID0
"""
"""Images and containers then lie on the local disks (amazon-eks-ami, nodeadm)."""


def user_data(group: EksNodeGroup) -> str | None:
    """Base64; None where nothing is to be said: no local disk, or Bottlerocket, which has settings of another kind."""
    if group.image_family is not ImageFamily.AL2023 or not group.instance_type.local_nvme_bytes:
        return None
    text = "\n".join(
        [
            "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
            "",
            f"--{_BOUNDARY}",
            "Content-Type: application/node.eks.aws",
            "",
            _NODE_CONFIG,
            f"--{_BOUNDARY}--",
            "",
        ]
    )
    return b64encode(text.encode()).decode()
