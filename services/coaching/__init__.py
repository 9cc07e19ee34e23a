"""The pair on course: the exploration phase, the fixed evaluation and its chase until it is held."""
