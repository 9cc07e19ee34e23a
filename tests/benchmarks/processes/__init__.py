"""Programs that a benchmark starts and measures as processes of their own."""
