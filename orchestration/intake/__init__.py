"""A file from anywhere, inspected before it becomes a source: `genai-ledger check` and `add`.

`inspection` finds what would be read of it, accepted and rejected; `column_suggestions` guesses its
kind and which header is which; `rules` judges rows as dbt would; `proposal` writes a source.yml;
`copy_to_raw` puts the file into raw/. Printing and asking is the terminal's.
"""
