"""A stand-in for `pulumi-language-python`, which only the stock Pulumi CLI brings: runs programs and policy packs."""
