"""What a benchmark reports: rows with goals, the machine, a table, JSON and a chart."""
