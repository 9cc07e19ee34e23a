"""The work that contenders process: partner events, messages between services, outbox backlogs."""
