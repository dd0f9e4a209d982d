"""EKS managed node groups with GPUs: what is wanted, what AWS would refuse, and the arguments. Knows no engine."""
