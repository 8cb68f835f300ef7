"""What the served file survives, measured: readers through publications, kills, other clients."""
