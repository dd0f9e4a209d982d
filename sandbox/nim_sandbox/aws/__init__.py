"""A simulated AWS account: moto's server with one EKS cluster, whose nodes are those of the sandbox."""
