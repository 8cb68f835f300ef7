"""From an address to a new dated snapshot under raw/.

Belongs here: what a source says of its address, fetching it, and what can go wrong on the way. Not
here: what is in the file that came (`reading`).
"""
