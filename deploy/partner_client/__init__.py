"""A partner's side of the contract: builds, publishes and checks events, and reads receipts."""
