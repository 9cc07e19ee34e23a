"""Mail catcher for development stacks: an SMTP server that keeps every email and shows it on a web page."""
