"""What runs in the pod of a plain vLLM image: check the GPUs, order the arguments, start vLLM."""
