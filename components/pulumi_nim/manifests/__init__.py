"""Pure builders: values in, Kubernetes objects in wire format out."""
