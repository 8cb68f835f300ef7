"""What raw/ holds: kinds, sources with their source.yml, snapshots; downloading new snapshots."""
