"""The report's charts, in the order of the page.

Belongs here: the order. Not here: the charts (round_charts, share_charts, model_charts).
"""

from __future__ import annotations

from orchestration.report import model_charts, round_charts, share_charts

CHARTS = [
    round_charts.valuations,
    round_charts.mega_rounds,
    round_charts.each_mega_round,
    round_charts.funding_pace,
    share_charts.layer_share,
    share_charts.layer_share_over_time,
    share_charts.lorenz_curve,
    share_charts.concentration,
    share_charts.company_share,
    round_charts.round_sizes,
    model_charts.releases_per_day,
    model_charts.releases_to_date,
    model_charts.catch_up,
    model_charts.adoption,
    share_charts.sensitivity,
]
