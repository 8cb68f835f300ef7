"""Ibis over the served file, lazily, as data frames.

Usage: ibis_recipe.py warehouse.duckdb; prints the last complete month for each line of
standard input.
"""

import json
import sys

import ibis

for _ in sys.stdin:
    # Opened anew for each question: an open connection keeps the version that it was opened with.
    connection = ibis.duckdb.connect(sys.argv[1], read_only=True)
    report = connection.table("rpt_layer_share", database="marts")
    complete = report.filter(report.universe == "genai", report.is_complete)
    newest = complete.filter(complete.as_of_month == complete.as_of_month.max())
    frame = newest.select("layer", "share").to_pandas()
    connection.disconnect()
    print(json.dumps(dict(zip(frame.layer, frame.share, strict=True))), flush=True)
