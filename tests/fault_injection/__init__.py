"""Faults injected into a real stack under load, and a checker that compares what is observable with what is promised."""
