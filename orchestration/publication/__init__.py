"""From an audited candidate to what is served: publishing, versions, provenance, exports."""
