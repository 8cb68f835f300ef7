-- The truth behind the made-up lists, and what each list tells of it (generate.py says how many).
-- Every draw is a hash of a row and a name, so that the same sizes give the same rows on any machine.

-- An even draw in [0, 1) for row `i`, the same on every machine. Hashed twice: the hashes of one row
-- and two names differ by the same bits in each row, which would make one draw follow from another.
create macro draw(i, what) as (hash(hash(i, what)) >> 11) / 9007199254740992.0;
create macro pick(i, what, words) as words[1 + cast(floor(draw(i, what) * len(words)) as int)];
-- About normal, from three even draws.
create macro bell(i, what) as 2 * (draw(i, what || 1) + draw(i, what || 2) + draw(i, what || 3) - 1.5);
create macro syllable(n) as
    ['ba','ce','di','fo','gu','ha','je','ki','lo','mu','na','pe','qui','ro','su','ta','ve','wi','xo','zu']
    [1 + cast(n % 20 as int)];
create macro spelled(n) as upper(left(syllable(n), 1)) || substr(syllable(n), 2) || syllable(n // 20)
    || syllable(n // 400) || case when n >= 8000 then syllable(n // 8000) else '' end
    || case when n >= 160000 then syllable(n // 160000) else '' end
    || case when n >= 3200000 then syllable(n // 3200000) else '' end;
create macro fund(n) as spelled(n * 7 + 3)
    || ['Capital', ' Ventures', ' Partners', ' Growth', ' Fund'][1 + cast(n % 5 as int)];

-- Few companies raise often: the n-th raises about n to the power of -1/3 as often as the first.
-- Rounds are numbered within a company by day, so that stages and amounts grow.
create table companies as
select
    n, spelled(n) as name,
    pick(n, 'word', ['', '', '', '', ' AI', ' Labs', ' Technologies', ' Systems']) as general_word,
    lower(spelled(n)) || pick(n, 'site', ['.com', '.ai', '.io']) as domain,
    2003 + cast(floor(sqrt(draw(n, 'founded')) * 20) as int) as founded_year,
    pick(n, 'country', ['US', 'US', 'US', 'US', 'GB', 'FR', 'DE', 'IN', 'CN', 'IL']) as country,
    pick(n, 'layer', ['application', 'application', 'application', 'mlops', 'infrastructure',
        'model_platform']) as layer,
    draw(n, 'mapped') < 0.3 as is_mapped
from range(getvariable('companies')) as numbers(n);

create table rounds as
with drawn as (
    select
        i, cast(floor(pow(draw(i, 'company'), 1.5) * getvariable('companies')) as bigint) as n,
        draw(i, 'day') as late
    from range(getvariable('rounds')) as numbers(i)
),
dated as (
    select
        drawn.*, companies.founded_year,
        greatest(make_date(founded_year, 3, 1), date '2010-01-01') + cast(floor(
            sqrt(late) * (date '2025-12-31' - greatest(make_date(founded_year, 3, 1), date '2010-01-01'))
        ) as int) as day
    from drawn inner join companies using (n)
)
select
    *,
    row_number() over (partition by n order by day, i) as number,
    -- Two digits that count, as people tell amounts.
    exp(13.2 + 0.45 * least(row_number() over (partition by n order by day, i), 9) + 1.1 * bell(i, 'amount'))
        as exact_usd
from dated;

create table told as
select
    rounds.*,
    round(exact_usd / pow(10, floor(log10(exact_usd)) - 1)) * pow(10, floor(log10(exact_usd)) - 1) as usd,
    ['Seed', 'Series A', 'Series B', 'Series C', 'Series D', 'Series E', 'Series F', 'Series G', 'Venture']
        [least(number, 9)] as stage,
    companies.name, companies.general_word, companies.domain,
    draw(i, 'undisclosed') < 0.12 as is_undisclosed,
    pick(i, 'sort', ['equity','equity','equity','equity','equity','equity','equity','equity','equity',
        'equity','equity','equity','equity','equity','equity','equity','Loan','Grant','Secondary sale',
        'Convertible note']) as sort_of_money,
    fund(cast(floor(pow(draw(i, 'lead'), 2) * getvariable('investors')) as bigint)) as lead,
    fund(cast(floor(pow(draw(i, 'second'), 2) * getvariable('investors')) as bigint)) as second,
    fund(cast(floor(pow(draw(i, 'third'), 2) * getvariable('investors')) as bigint)) as third
from rounds inner join companies using (n);

-- One row in fifty stands twice, as in lists that many hands keep.
create view retold as
from told
union all
from told where draw(i, 'twice') < 0.02;

create view deals_world as
select
    n, name || general_word as "Company", domain as "Website",
    case when sort_of_money = 'equity' then stage else sort_of_money end as "Round",
    strftime(day, '%Y-%m-%d') as "Announced",
    case
        when is_undisclosed then pick(i, 'none', ['undisclosed', '', 'n/a'])
        when draw(i, 'form') < 0.5 then '$' || printf('%g', usd / 1e6) || 'M'
        when draw(i, 'form') < 0.8 then printf('%d', cast(usd as bigint)) || ' USD'
        else '~$' || printf('%g', usd / 1e6) || ' million'
    end as "Amount",
    lead as "Lead Investors",
    concat_ws(', ', second, case when draw(i, 'more') < 0.5 then third end) as "Investors",
    case when draw(i, 'valued') < 0.2 then '$' || printf('%g', usd * 5 / 1e6) || 'M' end as "Valuation",
    'https://example.org/deal/' || i as "Source URL", 'deal ' || i as "Note"
from retold where draw(i, 'world') < 0.8;

create view deals_press as
select
    n, name || case when draw(i, 'short') < 0.5 then general_word else '' end as "Company",
    case when draw(i, 'site') < 0.3 then domain end as "Website",
    case when draw(i, 'unnamed') < 0.2 then 'Venture Round'
        when sort_of_money = 'equity' then stage else sort_of_money end as "Round",
    case when draw(i, 'month') < 0.1 then strftime(day, '%B %Y')
        else strftime(least(day + cast(floor(draw(i, 'delay') * 6) as int), date '2025-12-31'),
            '%b %d, %Y') end as "Announced",
    case when draw(i, 'unsaid') < 0.2 or is_undisclosed then 'undisclosed'
        else 'USD ' || printf('%g', usd * pick(i, 'rounded', [1, 1, 1, 1.01, 0.99]) / 1e6)
            || ' million' end as "Amount",
    null as "Lead Investors", concat_ws(' and ', lead, second) as "Investors",
    null as "Valuation", null as "Source URL", null as "Note"
from retold where draw(i, 'press') < 0.5;

create view deals_europe as
select
    n, name || general_word as "Company", null as "Website",
    case when sort_of_money = 'equity' then stage else sort_of_money end as "Round",
    strftime(least(day + cast(floor(draw(i, 'europe_delay') * 3) as int), date '2025-12-31'),
        '%d.%m.%Y') as "Announced",
    case when is_undisclosed then 'undisclosed'
        else replace(printf('%.2f', usd / 1.12 / 1e6), '.', ',') || ' Mio. EUR' end as "Amount",
    lead as "Lead Investors", second as "Investors", null as "Valuation",
    'https://example.org/eu/' || i as "Source URL", null as "Note"
from retold where draw(i, 'europe') < 0.18;

create view market_map as
select
    n, name || general_word as "Company", domain as "Website", layer as "Layer",
    case when draw(n, 'year') < 0.9 then founded_year end as "Founded", country as "Country",
    pick(n, 'access', ['closed', 'closed', 'open', 'mixed', '']) as "Model access",
    pick(n, 'fit', ['core', 'core', 'adjacent', '']) as "GenAI fit"
from companies where is_mapped;

-- The n-th model is a base of its own, or one step on from a model before it, often an early one.
create view hub as
with drawn as (
    select
        n,
        case when n >= 20 and draw(n, 'own') >= 0.2 then cast(floor(pow(draw(n, 'base'), 4) * n) as bigint) end
            as base,
        lower(spelled(cast(floor(pow(draw(n, 'maker'), 3) * getvariable('makers')) as bigint))) as maker,
        pick(n, 'size', ['1b', '3b', '7b', '8b', '13b', '34b', '70b']) as size
    from range(getvariable('models')) as numbers(n)
),
named as (
    select *, maker || '/' || spelled(n) || '-' || size
        || pick(n, 'form', ['', '-Instruct', '-chat', '-GGUF', '-GPTQ', '-LoRA']) as model
    from drawn
)
select
    named.n,
    named.model as "Model", named.maker as "Organisation", bases.model as "Base model",
    named.size as "Parameters", pick(named.n, 'licence', ['apache-2.0', 'mit', 'llama3', 'cc-by-nc-4.0', ''])
        as "Licence",
    date '2021-01-01' + cast(floor(pow(named.n / getvariable('models'), 0.4) * 1800) as int) as "Release date",
    'https://huggingface.co/' || named.model as "URL"
from named left join named as bases on named.base = bases.n;
