"""What Dagster loads (`definitions`), builds with and without it, and whether all is well."""
