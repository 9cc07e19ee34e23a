"""How fast the house is: each row a ratio to a reference of the same run, on real parts with fsync on."""
