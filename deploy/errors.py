"""Errors that the user of the command line can fix."""


class UserError(Exception):
    """An error whose text is what went wrong and what to do. The command line prints it without a traceback."""
