"""Addresses that no email can be sent to, or that would reach another person."""

BAD_ADDRESSES = (
    "jan\u007f@huis.example",
    "jan@huis.example\r\nRCPT TO:<all@huis.example>",
    "jan\u200b@huis.example",
    "jörg@huis.example",
    "other<bar@huis.example",
    "a,b@huis.example",
    "mailto:jan@huis.example",
    "jan@huis..example",
)
