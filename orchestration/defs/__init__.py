"""Where `dg` scaffolds components; the project's own definitions are in `orchestration.definitions`."""
