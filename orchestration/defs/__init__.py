"""Where `dg` scaffolds components; the project's own are in `orchestration.definitions`."""
