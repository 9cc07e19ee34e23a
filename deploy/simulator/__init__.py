"""Load as in a programme's busiest hour, derived from a seed: partner systems that publish, and people who answer."""
