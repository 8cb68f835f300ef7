"""Everything before and after dbt: raw files to landed Parquet, audit to publication, and Dagster."""
