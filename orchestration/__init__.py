"""Everything before and after dbt: raw files to Parquet, audit to publication, and Dagster."""
