/*
candidate_change_danish
    The sentence of each change in Danish, still without its opening.

grain  : one row per as_of_date, group, attribute and cause of a change
key    : as_of_date, group_id, attribute, cause
inputs : marts.candidate_cause
params : $as_of_date
columns:
  as_of_date   DATE     snapshot date
  group_id     VARCHAR  group
  attribute    VARCHAR  decision or band
  cause        VARCHAR  data, criteria or not_split
  sentence_da  VARCHAR  what it comes from
*/
with danish as (

    select
        group_id,
        attribute,
        cause,
        case when is_designated then 'den er ' || if(to_is_key, 'nu', 'ikke længere') || ' udpeget som nøglekunde' end
            as designation,
        case kind
            when 'gone'
                then
                    if(
                        cause = 'criteria', 'den er ikke længere med i rangordenen',
                        'den er ikke længere med: ingen omsætning i 36 måneder, eller nu del af en anden koncern'
                    )
            when 'override'
                then
                    case to_override
                        when 'include' then trim('den er sat på listen ' || note_da)
                        when 'exclude' then trim('den er holdt af listen ' || note_da)
                        else 'beslutningen om den gælder ikke længere'
                    end
            when 'arrived'
                then
                    if(from_value is null, 'den er ny i rangordenen', 'den lå før langt nede i rangordenen')
                    || format(', nu nr. {}', to_rank)
            when 'barred' then concat_ws(': ', 'den kan ikke længere vælges', nullif(note_da, ''))
            when 'admitted' then 'den kan vælges, for intet står længere i vejen'
            when 'amounts_unknown' then 'vundne ordrer uden kendt beløb kræver et kig, før den tages af listen'
            when 'amounts_known' then 'beløbene på alle dens vundne ordrer er nu kendt'
            when 'length'
                then
                    format('nr. {}', to_rank)
                    || if(from_rank = to_rank, ' som før', format(' i stedet for {}', from_rank))
                    || if(
                        from_list_cnt = to_list_cnt, ', men med et andet antal kunder går grænserne et andet sted',
                        format(', men listen har {} pladser i stedet for {}', to_list_cnt, from_list_cnt)
                    )
            when 'criterion'
                then
                    format('nr. {} i stedet for {}: ', to_rank, from_rank) || '»' || label_da || '«'
                    || case
                        when cause = 'criteria' and is_same_weight then ' tæller på en anden måde og'
                        when cause = 'criteria' then format(' vejer {} i stedet for {} og', to_share, from_share) else
                            ''
                    end
                    || translate(format(' bidrager med {} i stedet for {}', to_part, from_part), '.', ',')
                    || case
                        when cause = 'criteria' then ''
                        when is_same_figure then ' med samme tal: de andres tal har flyttet skalaen'
                        else format(
                            ' (tal {}, før {})', coalesce(translate(to_raw, ',.', '.,'), 'ukendt'),
                            coalesce(translate(from_raw, ',.', '.,'), 'ukendt')
                        )
                    end
            when 'others' then format(
                'nr. {} i stedet for {} med score {} (før {}): andre kunder har flyttet sig mere',
                to_rank, from_rank, replace(to_score, '.', ','), replace(from_score, '.', ',')
            )
        end as main
    from marts.candidate_cause
    where as_of_date = $as_of_date::date

)

select
    $as_of_date::date as as_of_date,
    group_id,
    attribute,
    cause,
    concat_ws('; ', designation, main) as sentence_da
from danish
