"""What each data set of the report must hold, asked of the marts anew.

Belongs here: queries of the served file, written without looking at the page's own; every column
and every row of a data set. Not here: opening the page (test_report.py).
"""

from __future__ import annotations

from collections.abc import Mapping

# Months that the page speaks of, by universe: complete ones from 2018 on in which a round counts.
_MONTHS = """
months as (
    select universe, as_of_month
    from marts.rpt_layer_share inner join marts.dim_universes using (universe)
    where as_of_month between date '2018-01-01' and last_complete_month
    group by universe, as_of_month
    having sum(rounds) > 0
)
"""
_OF_MODELS = "rank_in_layer <= 6 and layer = 'model_platform'"
_HALF_YEARS = "month(as_of_month) in (6, 12)"
_CELL = """
    regexp_extract(source_row_id, '^([^#]*)#(.*)!(\\d+)$', 1) as file,
    regexp_extract(source_row_id, '^([^#]*)#(.*)!(\\d+)$', 2) as sheet,
    regexp_extract(source_row_id, '^([^#]*)#(.*)!(\\d+)$', 3)::int as file_row
"""
# A round counts in a universe from a month on.
_HELD = """
held as (
    select universe, counts_from, round_id, company_id, company, layer, amount_usd, announced_on,
           citation_kind
    from audit.universe_rounds
    inner join marts.fct_funding_rounds using (round_id)
    inner join marts.dim_companies using (company_id)
)
"""

QUERIES: Mapping[str, str] = {
    "headlines": f"""
        with {_MONTHS}, {_HELD},
        layers as (
            select universe, as_of_month,
                   sum(raised_usd) as raised_usd, sum(companies) as companies,
                   sum(rounds) as rounds, sum(undisclosed_rounds) as undisclosed_rounds,
                   sum(coalesce(cited_share, 0) * raised_usd) / nullif(sum(raised_usd), 0)
                       as cited_share,
                   max(share) filter (layer = 'model_platform') as model_platform_share,
                   max(share) filter (layer = 'mlops') as mlops_share,
                   max(share) filter (layer = 'infrastructure') as infrastructure_share,
                   max(share) filter (layer = 'application') as application_share,
                   max(share) filter (layer = 'unknown') as unknown_layer_share,
                   sum(share) filter (layer in ('model_platform', 'mlops'))
                       as model_and_mlops_share
            from marts.rpt_layer_share semi join months using (universe, as_of_month)
            group by universe, as_of_month
        ),
        of_models as (
            select universe, as_of_month, raised_usd as layer_usd, companies as layer_companies,
                   hhi, gini, effective_companies, top_1_share, top_3_share, top_5_share,
                   top_10_share, closed_share, open_share
            from marts.rpt_concentration where layer = 'model_platform'
        ),
        of_all as (
            select universe, as_of_month, top_1_share as largest_company_share
            from marts.rpt_concentration where layer = 'all'
        ),
        leaders as (
            select distinct on (universe, as_of_month) universe, as_of_month, company_id,
                   company as leader, share_of_layer as leader_share_of_layer
            from marts.rpt_company_share where rank_in_layer = 1 and layer = 'model_platform'
            order by universe, as_of_month, raised_usd desc, company desc
        ),
        leaders_rounds as (
            select distinct on (universe, as_of_month) universe, as_of_month,
                   amount_usd as leader_round_usd, announced_on as leader_round_on
            from leaders inner join held using (universe, company_id)
            where counts_from <= as_of_month and amount_usd is not null
            order by universe, as_of_month, amount_usd desc, round_id desc
        ),
        openai as (
            select universe, as_of_month, company, raised_usd as company_usd,
                   share_of_all as company_share, share_of_layer as company_share_of_layer
            from marts.rpt_company_share semi join months using (universe, as_of_month)
            where company_id = 'openai'
        ),
        openai_range as (
            select as_of_month, min(company_share) as lowest_company_share,
                   max(company_share) as highest_company_share
            from openai group by as_of_month having count(*) > 1
        ),
        layer_range as (
            select as_of_month, min(model_and_mlops_share) as lowest_model_and_mlops_share,
                   max(model_and_mlops_share) as highest_model_and_mlops_share
            from layers group by as_of_month having count(*) > 1
        ),
        moved as (
            select universe, as_of_month,
                   abs(model_and_mlops_share - lag(model_and_mlops_share) over months) as of_share,
                   abs(top_1_share - lag(top_1_share) over months) as of_top_1
            from layers left join of_models using (universe, as_of_month)
            window months as (partition by universe order by as_of_month)
        ),
        share_jumps as (
            select distinct on (universe, as_of_month) universe, as_of_month,
                   company as moving_company, amount_usd as moving_round_usd
            from (
                select *, rank() over (partition by universe order by of_share desc) as place
                from moved where of_share is not null
            )
            inner join held using (universe)
            where place <= 2 and of_share >= 0.1 and counts_from = as_of_month
            order by universe, as_of_month, amount_usd desc nulls last, company desc
        ),
        layer_jumps as (
            select distinct on (universe, as_of_month) universe, as_of_month,
                   company as layer_moving_company, amount_usd as layer_moving_round_usd
            from (
                select *, rank() over (partition by universe order by of_top_1 desc) as place
                from moved where of_top_1 is not null
            )
            inner join held using (universe)
            where place <= 2 and of_top_1 >= 0.2 and counts_from = as_of_month
                  and layer = 'model_platform'
            order by universe, as_of_month, amount_usd desc nulls last, company desc
        )
        select layers.*, of_models.* exclude (universe, as_of_month), largest_company_share,
               leader, leader_share_of_layer, leader_round_usd, leader_round_on, company,
               company_usd, company_share, company_share_of_layer,
               case when company is not null then lowest_company_share end as lowest_company_share,
               case when company is not null then highest_company_share end
                   as highest_company_share,
               lowest_model_and_mlops_share, highest_model_and_mlops_share,
               moving_company, moving_round_usd, layer_moving_company, layer_moving_round_usd,
               ytd_usd, prior_year_usd, ytd_multiple, largest_round_usd, largest_round_share,
               other_rounds_usd, other_rounds_multiple
        from layers
        left join of_models using (universe, as_of_month)
        left join of_all using (universe, as_of_month)
        left join leaders using (universe, as_of_month)
        left join leaders_rounds using (universe, as_of_month)
        left join openai using (universe, as_of_month)
        left join openai_range using (as_of_month)
        left join layer_range using (as_of_month)
        left join share_jumps using (universe, as_of_month)
        left join layer_jumps using (universe, as_of_month)
        left join marts.rpt_funding_pace as pace using (universe, as_of_month)
    """,
    "universes": """
        select universe, title, description, complete_to, last_complete_month, is_headline
        from marts.dim_universes
    """,
    "layers": "select layer, title, description from marts.dim_layers",
    "company_shares": f"""
        with {_MONTHS}
        select universe, as_of_month, rank_in_layer, company, raised_usd, share_of_layer
        from marts.rpt_company_share semi join months using (universe, as_of_month)
        where {_OF_MODELS}
    """,
    "company_history": f"""
        with {_MONTHS}
        select universe, as_of_month, company_id, raised_usd, share_of_all, share_of_layer
        from marts.rpt_company_share semi join months using (universe, as_of_month)
        where universe = 'genai' and {_HALF_YEARS} and raised_usd > 0 and company <> 'all others'
    """,
    "lorenz": f"""
        with {_MONTHS}
        select universe, as_of_month, share_of_companies, share_of_usd
        from marts.rpt_lorenz_curve semi join months using (universe, as_of_month)
        where layer = 'model_platform' and {_HALF_YEARS}
    """,
    "valuations": f"""
        with {_MONTHS}
        select as_of_month, rank_in_layer, company, model_access, ladder.valuation_low_usd,
               ladder.valuation_high_usd, valued_on, is_stale, strategic_backers,
               (
                   select source_url from marts.fct_funding_rounds
                   where round_id = ladder.round_id
               ) as source_url
        from marts.rpt_valuations as ladder
        where layer = 'model_platform' and rank_in_layer <= 10
              and as_of_month between date '2021-01-01' and (select max(as_of_month) from months)
    """,
    "mega_rounds": """
        select rows.universe, quarter_start, rounds, raised_usd, share_of_all, share_of_rounds,
               times_average_round
        from marts.rpt_mega_rounds as rows inner join marts.dim_universes using (universe)
        where quarter_start >= date '2018-01-01'
              and quarter_start + interval 3 month - interval 1 day <= last_complete_month
    """,
    "venture_mega_rounds": """
        select strptime(period_text[1:4] || ['01', '04', '07', '10'][period_text[6]::int], '%Y%m')
                   ::date as quarter_start,
               metric_value as rounds, period_ends_on is null as is_partial,
               period_text as period, scope as publisher, source_url
        from marts.fct_benchmarks
        where metric = 'megaround_count_ge_100m' and period_text[5] = 'Q'
    """,
    "published_pace": """
        select metric_value * 1000000000 as ytd_usd, period_text[13:22]::date as counted_to,
               scope as publisher, source_url
        from marts.fct_benchmarks
        where metric = 'genai_funding_ytd' and unit = 'USD bn' and period_text[5:12] = '-01-01..'
              and period_text[13:22] <= '2023-06-30'
    """,
    "round_sizes": """
        select rows.universe, quarter_start, size_band, rounds, share_of_rounds, share_of_usd
        from marts.rpt_round_sizes as rows inner join marts.dim_universes using (universe)
        where quarter_start >= date '2018-01-01' and share_of_rounds is not null
              and quarter_start + interval 3 month - interval 1 day <= last_complete_month
    """,
    "venture_round_sizes": """
        select universe as publisher, quarter_start, size_band, share_of_rounds
        from marts.rpt_round_sizes anti join marts.dim_universes using (universe)
        where share_of_rounds is not null
    """,
    "rounds": f"""
        select company_id, company, layer, announced_on, round_type, kind, amount_usd, amount_text,
               valuation_low_usd, valuation_high_usd, is_mega_round, evidence, source_url,
               is_mega_round and year(announced_on) >= 2018 as is_charted, {_CELL}
        from marts.fct_funding_rounds
        inner join (select company_id, company, layer from marts.dim_companies) using (company_id)
    """,
    "large_rounds": """
        select max(last_complete_month) as complete_to from marts.dim_universes
        where universe in ('genai', 'mega_rounds', 'everything_listed')
    """,
    "companies": f"""
        select company_id, company, layer, category, model_access, founded_year, hq_country,
               is_mapped, {_CELL}
        from marts.dim_companies
    """,
    "models": f"""
        select model_id, model, organisation, organisation_type, base_model, licence,
               allows_commercial_use, released_on, parameters_max_bn, release_form, url, {_CELL}
        from marts.dim_models
        inner join (
            select model_id, organisation_type, allows_commercial_use, released_on,
                   parameters_max_bn, release_form
            from marts.fct_model_releases
        ) using (model_id)
    """,
    "releases": """
        with lists as (select distinct source, list_title from marts.fct_model_listings),
        days as (
            select *, row_number() over (partition by source order by released_on desc) as from_last
            from marts.rpt_release_cadence inner join lists using (source)
        )
        select list_title, released_on, releases, original_releases, releases_per_day_30d,
               original_releases_per_day_30d, max_in_day_to_date, releases_to_date,
               undated_to_date, share_under_6_months
        from days
        where releases_to_date > 0 and (from_last = 1 or isodow(released_on) = 7)
    """,
    "monthly_releases": """
        with ends as (
            select list_title as ended_list, max(released_on) as list_ends_on,
                   last_day(max(released_on)) as as_of_month
            from marts.rpt_release_cadence
            inner join (select distinct source, list_title from marts.fct_model_listings)
                using (source)
            group by list_title
        ),
        first_ends as (
            select distinct on (as_of_month) * from ends order by as_of_month, list_ends_on
        ),
        months as (
            select released_month as as_of_month, sum(releases) as releases_in_month,
                   sum(original_releases) as original_releases_in_month
            from marts.rpt_releases_by_organisation_type group by released_month
        )
        select as_of_month, organisation_type, releases, original_releases,
               releases - original_releases as copies, releases_in_month,
               original_releases_in_month, ended_list, list_ends_on
        from marts.rpt_releases_by_organisation_type
        inner join months on released_month = as_of_month
        left join first_ends using (as_of_month)
        where year(released_month) >= 2018
    """,
    "base_models": """
        select rank, root_model, models, descendants, share_of_models
        from (
            select *, row_number() over (order by models desc, root_model) as rank
            from marts.rpt_base_models where descendants > 0
        )
        where rank <= 10
    """,
    "relative_quality": """
        select row_number() over (order by score desc, model) as rank, model, access, benchmark,
               score as score_ratio, reference_model, source_url
        from marts.fct_model_scores where benchmark[:20] = 'quality relative to '
    """,
    "training_costs": """
        select model, access, training_cost_usd, benchmark as basis, released_on, source_url
        from marts.fct_model_scores where training_cost_usd > 0
    """,
    "catch_up": """
        select reference_model, model, organisation, score_ratio, training_cost_usd,
               reference_training_cost_usd, cost_ratio, parameters_ratio, days_behind
        from marts.rpt_model_catch_up where training_cost_usd > 0
    """,
    "adoption": """
        select product, milestone, months_to_milestone, longest_months_to_milestone, statements
        from marts.rpt_adoption
        where milestone in (select mode(milestone) from marts.rpt_adoption)
    """,
    "cut_offs": """
        with dropped as (
            select distinct on (universe, founded_year) universe,
                   founded_year + 1 as founded_from_year, shares.company as dropped_company
            from marts.rpt_company_share as shares inner join marts.dim_companies using (company_id)
            where as_of_month = date '2023-06-30' and founded_year is not null
            order by universe, founded_year, raised_usd desc, shares.company desc
        )
        select universe, founded_from_year, share, share_in_alternative_layers, raised_usd,
               undisclosed_rounds, unknown_year_usd, dropped_company
        from marts.rpt_layer_share_sensitivity
        left join dropped using (universe, founded_from_year)
        where as_of_month = date '2023-06-30' and share > 0
    """,
    "citations": f"""
        with {_HELD},
        counted as (from held where universe = 'genai' and counts_from <= date '2023-06-30')
        select coalesce(citation_kind, 'none: recalled') as page, sum(amount_usd) as raised_usd,
               sum(amount_usd) / (select sum(amount_usd) from counted) as share, count(*) as rounds
        from counted group by citation_kind
    """,
    "outside_maps": """
        with lists as (
            select title as list, source, regexp_extract(source_row_id, '^[^#]*') as file,
                   company_id, is_mapped, amount_usd
            from marts.fct_funding_rounds as rounds
            inner join (select company_id, is_mapped from marts.dim_companies) using (company_id)
            inner join (select distinct file, source, title from audit.source_files) as files
                on regexp_extract(rounds.source_row_id, '^[^#]*') = files.file
        ),
        outside as (
            select source, count(distinct company_id) as companies_outside,
                   count(*) as rounds_outside, sum(amount_usd) as outside_usd
            from lists where not is_mapped group by source
        )
        select any_value(list) as list, count(distinct company_id) as listed_companies,
               coalesce(any_value(companies_outside), 0) as companies_outside,
               coalesce(any_value(rounds_outside), 0) as rounds_outside,
               coalesce(any_value(outside_usd), 0) as outside_usd
        from lists left join outside using (source)
        group by source
    """,
    "rejects": """
        select rejects.kind, title as list, rule, reason, count(*) as rows_rejected
        from audit.rejects as rejects
        left join (
            select distinct kind, source, title from audit.source_files
        ) as files on rejects.kind = files.kind and rejects.source = files.source
        group by all
    """,
    "files": """
        select title, producer, file, sheet, status, snapshot_on, rows_in_file, rows_accepted,
               rows_rejected, licence, url
        from audit.source_files
    """,
    "versions": """
        select left(published_at::text, 16) as published_at, version_id, as_of, known_by,
               table_count, row_count, tests_passed, claims_supported, claims_contradicted
        from audit.publications
    """,
}
# Columns that hold words that the page makes of a setting: every 30 days, all to 30 June 2023.
IN_WORDS = {"files": {"cadence", "complete"}}

# By the name of an answer, every number of its sentence and of what it rests on.
_TOLD = "universe = '{universe}' and as_of_month = date '{month}'"
_OF_LAYERS = f"marts.rpt_layer_share where {_TOLD}"
_OF_MODEL_LAYER = f"marts.rpt_concentration where layer = 'model_platform' and {_TOLD}"
ANSWERS: Mapping[str, str] = {
    "layer_share": f"""
        select sum(share) filter (layer in ('model_platform', 'mlops')) as share,
               sum(raised_usd) as raised_usd
        from {_OF_LAYERS}
    """,
    "layer_share_basis": f"""
        select sum(companies) as companies, sum(rounds) as rounds, sum(undisclosed_rounds) as none,
               sum(cited_share * raised_usd) / sum(raised_usd) as cited_share
        from {_OF_LAYERS}
    """,
    "concentration": f"select hhi, 10000 as points, top_1_share from {_OF_MODEL_LAYER}",
    "concentration_basis": f"select companies, effective_companies, gini from {_OF_MODEL_LAYER}",
    "closed_models": f"select closed_share, raised_usd from {_OF_MODEL_LAYER}",
    "closed_models_basis": f"select open_share from {_OF_MODEL_LAYER}",
    "company_share": f"""
        select share_of_all, raised_usd, share_of_layer
        from marts.rpt_company_share where company_id = 'openai' and {_TOLD}
    """,
    # A range only where several universes are complete.
    "company_share_basis": """
        select min(share_of_all) as lowest_share, max(share_of_all) as highest_share
        from marts.rpt_company_share
        inner join marts.dim_universes using (universe)
        where company_id = 'openai' and as_of_month = date '{month}'
              and last_complete_month >= date '{month}'
        having count(*) > 1
    """,
    "funding_pace": f"""
        select ytd_usd, ytd_multiple, largest_round_share
        from marts.rpt_funding_pace where {_TOLD}
    """,
    "funding_pace_basis": f"""
        select other_rounds_usd, other_rounds_multiple from marts.rpt_funding_pace where {_TOLD}
    """,
    "releases_per_day": """
        select original_releases_per_day_30d, releases_per_day_30d, max_in_day_to_date, 30 as days,
               released_on, (
                   select any_value(list_title) from marts.fct_model_listings
                   where source = 'open_llm_list'
               ) as list
        from marts.rpt_release_cadence where source = 'open_llm_list'
        order by released_on desc limit 1
    """,
    "releases_per_day_basis": """
        with lists as (
            select source, list_title, max(original_releases_per_day_30d) as most,
                   max_by(released_on, (original_releases_per_day_30d, released_on)) as most_on,
                   max(releases_to_date) as releases,
                   arg_max(undated_to_date, released_on) as undated
            from marts.rpt_release_cadence
            inner join (select distinct source, list_title from marts.fct_model_listings)
                using (source)
            group by source, list_title
        )
        select null as list, null as most, null as days, null as most_on, releases, undated
        from lists where source = 'open_llm_list'
        union all
        select list_title, most, 30, most_on, null, null
        from lists where source <> 'open_llm_list'
    """,
    "claims": """
        select count(*) filter (verdict = 'supported') as supported, count(*) as claims,
               count(*) filter (verdict = 'depends on the universe') as depends,
               count(*) filter (verdict = 'restated') as restated,
               count(*) filter (verdict = 'not comparable') as not_comparable
        from audit.claims
    """,
}
