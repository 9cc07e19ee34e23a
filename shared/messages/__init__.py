"""Messages between services, one module per publisher, which owns it."""
