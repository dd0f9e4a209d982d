"""GPU nodes that Karpenter starts when pods need them: what is wanted, and what would be refused. Knows no engine."""
