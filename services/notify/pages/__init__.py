"""People's pages behind signed links: looking changes nothing, a form's button becomes a message."""
