"""The Pulumi program: settings of one environment in, its endpoints out."""
