"""Measures running processes: progress, CPU time, memory, and where the time goes."""
