"""Stand-in for `pulumi-resource-aws`: the few types that the program makes, by boto3, in a simulated account only."""
