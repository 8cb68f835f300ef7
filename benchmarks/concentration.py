"""The Herfindahl index of every month by deltas, against the direct sum, on ten million rounds.

A round of size a to a company that holds b changes the sum of squares by a(2b + a). The benchmark
shows that this is exact to rounding and costs one pass, where the direct sum squares every
company's holdings anew at every month-end.
"""

from __future__ import annotations

import time

import duckdb

ROUNDS = 10_000_000
COMPANIES = 1_000_000
MONTHS = 120

_ROUNDS = f"""
create table rounds as
select
    cast(floor(pow(random(), 3) * {COMPANIES}) as int) as company_id,
    cast(floor(random() * {MONTHS}) as int) as month,
    round(exp(10 + 6 * random())) as amount_usd
from range({ROUNDS})
"""

_DELTAS = """
create table by_deltas as
with monthly as (
    select company_id, month, sum(amount_usd) as raised from rounds group by company_id, month
),
held as (
    select
        month, raised,
        sum(raised) over (
            partition by company_id order by month rows between unbounded preceding and current row
        ) - raised as before
    from monthly
),
changes as (
    select month, sum(raised) as raised, sum(raised * (2 * before + raised)) as squares
    from held group by month
)
select
    month,
    10000 * sum(squares) over (order by month) / pow(sum(raised) over (order by month), 2) as hhi
from changes
"""

# The direct sum of three months is enough to check with; its cost grows with the months.
_DIRECT = """
select 10000 * sum(held * held) / pow(sum(held), 2)
from (select sum(amount_usd) as held from rounds where month <= ? group by company_id)
"""


def measure() -> dict[str, float]:
    """Return rounds, the largest relative difference, and the two costs a month in seconds."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("select setseed(0.5)")
        connection.execute(_ROUNDS)
        started = time.perf_counter()
        connection.execute(_DELTAS)
        by_deltas = time.perf_counter() - started
        hhi = dict(connection.execute("select month, hhi from by_deltas").fetchall())
        checked = (MONTHS // 4, MONTHS // 2, MONTHS - 1)
        started = time.perf_counter()
        direct = {m: connection.execute(_DIRECT, [m]).fetchall()[0][0] for m in checked}
        direct_seconds = (time.perf_counter() - started) / len(checked)
    return {
        "rounds": ROUNDS,
        "largest_relative_difference": max(abs(hhi[m] / direct[m] - 1) for m in checked),
        "deltas_seconds_a_month": by_deltas / MONTHS,
        "direct_seconds_a_month": direct_seconds,
    }
