"""Pages behind signed links: GET and HEAD change nothing, the POST of a form becomes a message."""
