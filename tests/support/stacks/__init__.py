"""Stacks for integration and end-to-end tests in containers; the embedded stack is the default."""
