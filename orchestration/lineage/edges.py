"""An edge of the lineage: a column, or a table, and what it is made of."""

from typing import NamedTuple

UNRESOLVED = "unresolved"  # what is done to a value whose way could not be followed


class ColumnPath(NamedTuple):
    """A column, or the whole table when `column` is None."""

    schema: str
    table: str
    column: str | None = None


class Edge(NamedTuple):
    """`downstream` is made of `upstream`, which is None where nothing or nothing known is."""

    upstream: ColumnPath | None
    downstream: ColumnPath
    transformation: str
