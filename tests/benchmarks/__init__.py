"""Benchmarks: each row is a ratio to a reference in the same run, on a real stack with fsync."""
