"""What integration and flow tests run on: the embedded stack, or the same parts in containers."""
