"""Runs a service process with a crash point, a seeded bug or a failing decider. The product itself has no such hooks."""
