"""The people's door: letters out, answers in."""
