-- Two raw files cell by cell, as tables and views of one connection: `old_file` of the database `old`
-- beside `new_file` of `new`. diff_cells.py sets these variables and adds like lines to `pairs`.

-- A cell goes by its column; one that was unpivoted, or that the kind has no column for, by header.
create or replace temp table cells as
select
    side, sheet, row_number, column_name, column_letter, header, cell_text,
    if(column_letter is null, concat(column_name, ':', header), column_name) as place
from (
    select 'old' as side, * from old.audit.source_cells where file = getvariable('old_file')
    union all by name
    select 'new' as side, * from new.audit.source_cells where file = getvariable('new_file')
);

-- Lines that are one line before and after: at first equal ones, wherever they stand.
create or replace temp table pairs as
with lines as (
    select side, sheet, row_number, sum(hash(place, cell_text)) as content from cells group by all
),

numbered as (
    select *, row_number() over (partition by side, sheet, content order by row_number) as copy
    from lines
)

select sheet, old.row_number as old_row, new.row_number as new_row, true as is_equal
from numbered as old
inner join numbered as new using (sheet, content, copy)
where old.side = 'old' and new.side = 'new';

create or replace temp view unpaired as
select * from cells where not exists (
    select 1 from pairs
    where pairs.sheet = cells.sheet
        and cells.row_number = case cells.side when 'old' then old_row else new_row end
);

-- Lines are one line too when half of their cells, or all but one, are the same.
create or replace temp view alike as
with lines as (
    select side, sheet, row_number, count(*) as cells from unpaired group by all
),

same_cells as (
    select sheet, old.row_number as old_row, new.row_number as new_row, 1 as same
    from unpaired as old
    inner join unpaired as new using (sheet, place, cell_text)
    where old.side = 'old' and new.side = 'new'
        and (
            old.row_number = new.row_number
            or (select count(*) from lines) <= getvariable('most_compared')
        )
    union all
    select sheet, row_number, row_number, 0
    from lines group by sheet, row_number having count(*) = 2
),

compared as (
    select sheet, old_row, new_row, sum(same) as same from same_cells group by all
)

select sheet, old_row, new_row
from compared
inner join (select sheet, row_number as old_row, cells as old_cells from lines where side = 'old')
    using (sheet, old_row)
inner join (select sheet, row_number as new_row, cells as new_cells from lines where side = 'new')
    using (sheet, new_row)
where 2 * same >= greatest(old_cells, new_cells) - 1
order by same desc, abs(old_row - new_row), sheet, old_row, new_row;

create or replace temp view changed_cells as
with old as (
    select * from cells inner join pairs using (sheet)
    where side = 'old' and row_number = old_row and not is_equal
),

new as (
    select * from cells inner join pairs using (sheet)
    where side = 'new' and row_number = new_row and not is_equal
)

select
    getvariable('new_file') as file, sheet, new_row as row_number, old_row as old_row_number,
    coalesce(new.column_letter, old.column_letter) || new_row as address,
    coalesce(new.column_name, old.column_name) as column_name,
    coalesce(new.header, old.header) as header,
    old.cell_text as old, new.cell_text as new,
    concat(getvariable('new_file'), '#', sheet, '!', new_row) as line
from old
full join new using (sheet, old_row, new_row, place)
where old.cell_text is distinct from new.cell_text
order by sheet, new_row, coalesce(new.column_letter, old.column_letter), place;

create or replace temp view whole_lines as
select
    if(side = 'old', getvariable('old_file'), getvariable('new_file')) as file, sheet, row_number,
    concat(file, '#', sheet, '!', row_number) as line,
    if(side = 'old', 'removed', 'added') as line_is,
    list([coalesce(header, column_name), cell_text] order by column_letter, place) as cells
from unpaired group by side, sheet, row_number order by all;
