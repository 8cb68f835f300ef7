-- What analysts and dashboards ask of the served file, one question a statement.
from marts.rpt_layer_share where is_complete order by universe, as_of_month, layer;
select as_of_month, layer, share from marts.rpt_layer_share where universe = 'genai';
select layer, sum(raised_usd) from marts.rpt_layer_share where universe = 'genai_2013' group by layer;
select as_of_month, hhi, gini, top_3_share from marts.rpt_concentration where universe = 'genai';
select universe, max(hhi) from marts.rpt_concentration where layer = 'model_platform' group by universe;
select company, max(share_of_all) from marts.rpt_company_share group by company order by 2 desc limit 20;
select as_of_month, company, share_of_layer from marts.rpt_company_share
where universe = 'genai' and rank_in_layer <= 3;
select as_of_month, ytd_usd, ytd_multiple from marts.rpt_funding_pace where universe = 'genai';
select quarter_start, size_band, share_of_rounds from marts.rpt_round_sizes where universe = 'genai';
select quarter_start, rounds, raised_usd from marts.rpt_mega_rounds where universe = 'everything_listed';
select year(announced_on), count(*), sum(amount_usd) from marts.fct_funding_rounds group by 1 order by 1;
select round_type, median(amount_usd) from marts.fct_funding_rounds where kind = 'equity' group by 1;
select layer, count(*), sum(amount_usd) from marts.fct_funding_rounds
inner join marts.dim_companies using (company_id) group by layer;
select company, sum(amount_usd) from marts.fct_funding_rounds
inner join marts.dim_companies using (company_id) group by company order by 2 desc limit 50;
select investor, count(*) from marts.fct_round_investors
inner join marts.dim_investors using (investor_id) group by investor order by 2 desc limit 50;
select hq_country, sum(amount_usd) from marts.fct_funding_rounds
inner join marts.dim_companies using (company_id) group by hq_country order by 2 desc;
from marts.fct_funding_rounds where announced_on >= '2023-01-01' order by amount_usd desc limit 100;
select company, founded_year, model_access from marts.dim_companies where company like 'Open%';
select evidence, count(*), sum(amount_usd) from marts.fct_funding_rounds group by evidence;
select kind, source, sum(rows_accepted), sum(rows_rejected) from audit.source_files group by all;
