"""Catches every mail of a development stack and shows it: a real SMTP server with a page."""
