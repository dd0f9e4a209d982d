"""Container images that this machine builds for its sandboxes: no registry, no container runtime, no root.

`provide.provide(REFERENCES, HOME, REPORT)` gives an OCI image layout for each reference, from the cache or built into
it. A layout's index names its image twice, `repository:tag` and `repository@sha256:…`, so that

    tar -C LAYOUT -c . | ctr --address … --namespace k8s.io images import -

makes it known to kubelets under the reference that a stack pins; use `imagePullPolicy: Never` or `IfNotPresent`.

Digests are known once an image is built: Debian's versions move, so no constant in a stack file could be right on every
machine. `provide` writes them into `HOME/images.lock.yaml`, a lock file like stacks/nim.lock.yaml. HOME is the folder
that holds the sandboxes ($NIM_SANDBOX_HOME, else .sandbox/), so it outlives each of them. Stacks with `cluster.sandbox`
read it beside their own lock file, and write such images without a digest: `image: sandbox.local/nim/tiny/llama:2.0.0`.
"""
