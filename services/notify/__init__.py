"""Emails to people, and the pages on which they answer."""
