"""What our services say to each other: one module per publisher, owned by that publisher."""
