"""Whether what was declared, the state, the cluster and the endpoints themselves say the same."""
