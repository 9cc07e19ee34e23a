"""Faults on real parts under load, and an auditor that reads nothing but the outside."""
