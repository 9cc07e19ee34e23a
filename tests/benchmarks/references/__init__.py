"""What our services are compared with: small programs, tuned as the documentation of their libraries advises."""
