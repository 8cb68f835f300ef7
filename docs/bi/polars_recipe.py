"""Polars, through DuckDB's own connection and without a copy.

Usage: polars_recipe.py warehouse.duckdb; prints the last complete month for each line of
standard input.
"""

import json
import sys

import duckdb
import polars as pl

for _ in sys.stdin:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        report = connection.sql("select * from marts.rpt_layer_share").pl()
    complete = report.filter(pl.col("universe") == "genai", pl.col("is_complete"))
    newest = complete.filter(pl.col("as_of_month") == pl.col("as_of_month").max())
    print(json.dumps(dict(newest.select("layer", "share").iter_rows())), flush=True)
