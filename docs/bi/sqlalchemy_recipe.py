"""SQLAlchemy with duckdb-engine, the way Superset and many others read.

Usage: sqlalchemy_recipe.py warehouse.duckdb; prints the last complete month for each line of
standard input.
"""

import json
import sys

import sqlalchemy as sa

# NullPool: a pooled connection would keep the version that it was opened with.
engine = sa.create_engine(
    f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True}, poolclass=sa.pool.NullPool
)
# The inspector knows columns and their comments; `autoload_with` fails, as SQLAlchemy 2 then asks
# for a PostgreSQL type that DuckDB doesn't have.
columns = sa.inspect(engine).get_columns("rpt_layer_share", schema="marts")
assert all(column["comment"] for column in columns)
report = sa.table(
    "rpt_layer_share", *(sa.column(c["name"], c["type"]) for c in columns), schema="marts"
)
complete = sa.and_(report.c.universe == "genai", report.c.is_complete)
newest = sa.select(sa.func.max(report.c.as_of_month)).where(complete).scalar_subquery()
shares = sa.select(report.c.layer, report.c.share).where(complete, report.c.as_of_month == newest)
for _ in sys.stdin:
    with engine.connect() as connection:
        answer = {row.layer: row.share for row in connection.execute(shares)}
    print(json.dumps(answer), flush=True)
