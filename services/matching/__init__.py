"""Matching experts and vacancies: shortlists with reasons, proposals, tandems formed."""
