"""What the house is compared with: each small, honest, and tuned as its own documentation says."""
