"""A range of local dates. Pure."""

from datetime import date
from typing import NamedTuple


class DateRange(NamedTuple):
    """The dates from `first` to `last`, both included; it is empty if `last` is before `first`."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    @property
    def is_empty(self) -> bool:
        return self.last < self.first
