"""What is observable from outside during a run: topics, received emails, and the final rows."""
