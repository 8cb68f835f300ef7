"""One module a file format: each turns bytes or text into sheets of text cells.

Belongs here: how a format is written, and the `encoding` that those of text share. Doesn't: what is
done to every cell (`sheet`), or what a column means.
"""
