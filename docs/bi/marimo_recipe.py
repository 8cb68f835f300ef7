"""A marimo notebook: `marimo run marimo_recipe.py -- --file warehouse.duckdb`."""

import marimo

app = marimo.App(app_title="GenAI Ledger")


@app.cell
def read():
    import duckdb
    import marimo as mo

    # Opened anew whenever the cell runs: it reads the version that is served then.
    with duckdb.connect(mo.cli_args()["file"], read_only=True) as connection:
        shares = connection.execute(
            "select as_of_month, layer, share from marts.rpt_layer_share "
            "where universe = 'genai' and is_complete "
            "order by as_of_month desc, layer limit (select count(*) from marts.dim_layers)"
        ).df()
    mo.vstack([mo.md("# Who gets the GenAI money?"), mo.ui.table(shares, selection=None)])
    return


if __name__ == "__main__":
    app.run()
