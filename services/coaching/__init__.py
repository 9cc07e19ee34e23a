"""The tandem after both sides accepted: the first day, the exploration phase, the evaluation and its reminders."""
