"""Whether all is well: what is late, refused, failed or dead. Nothing here changes data."""
