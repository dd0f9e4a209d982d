"""A program that behaves like a NIM container at its interface, so that `engine: nim` runs for real without NVIDIA's.

Commands, variables, log lines and answers are those that NVIDIA documents or that users have published, for images of
1.x and 2.x; where neither says what happens, the docstring here says what was chosen. Nothing is computed: an answer is
always the same text, GPUs are told by a variable, and NGC is a folder of the image. Runs on a Python that has PyYAML,
with `nim_profiles` beside it, as any user, on a root file system that it never writes to.
"""
