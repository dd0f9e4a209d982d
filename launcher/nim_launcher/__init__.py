"""What runs in the pod of a plain vLLM image: checks the GPUs against the pinned profile, then becomes vLLM."""
