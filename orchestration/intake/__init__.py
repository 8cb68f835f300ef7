"""A file from anywhere, looked at before it becomes a source: `genai-ledger check` and `add`.

`look` says what would be read of it, accepted and rejected; `columns` guesses its kind and which
header is which; `rules` judges rows as dbt would; `proposal` writes a source.yml; `placing` puts
the file into raw/; `view` prints. What a look says is described in report_schema.json.
"""
