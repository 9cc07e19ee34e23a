"""What goes wrong around the services and a person can mend: one sentence that says what to do."""


class UserError(Exception):
    """The command line prints its text alone, without a traceback."""
