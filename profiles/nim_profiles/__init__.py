"""What a NIM profile is, what it needs, and where it fits. No Pulumi, no network, no clock."""
