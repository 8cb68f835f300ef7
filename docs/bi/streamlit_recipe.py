"""A Streamlit page: `streamlit run streamlit_recipe.py -- warehouse.duckdb`."""

import sys

import duckdb
import streamlit as st

st.title("Who gets the GenAI money?")
# A connection a run of the script: every click reads the version that is served then.
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    shares = connection.execute(
        "select as_of_month, layer, share from marts.rpt_layer_share "
        "where universe = 'genai' and is_complete"
    ).df()
newest = shares[shares.as_of_month == shares.as_of_month.max()]
st.caption(f"Share of equity raised to date, as of {newest.as_of_month.max():%d %B %Y}")
st.area_chart(shares, x="as_of_month", y="share", color="layer", stack=True)
st.table(newest[["layer", "share"]].set_index("layer").style.format("{:.4%}"))
