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
            "select layer, share from marts.rpt_layer_share where universe = 'genai' "
            "and as_of_month = (select max(as_of_month) from marts.rpt_layer_share) order by layer"
        ).df()
    mo.vstack([mo.md("# Who gets the GenAI money?"), mo.ui.table(shares, selection=None)])
    return


if __name__ == "__main__":
    app.run()
