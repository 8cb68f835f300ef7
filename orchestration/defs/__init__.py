"""What Dagster loads (`definitions`), and how the command line builds with and without it."""
