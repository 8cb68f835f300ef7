"""What the commands print: a check, a trace, a difference, on the terminal.

Belongs here: laying out what other rooms have found. Not here: finding it.
"""
