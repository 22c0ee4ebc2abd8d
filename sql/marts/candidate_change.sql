/*
candidate_change
    Which decisions and bands are others than in the snapshot before, and why: for the data, or for the criteria. First
    the data of now are ranked by the criteria of then, then by those of now; each step has its rows. What belongs to
    data is everything but the criteria: designations, decisions and other settings too.

grain  : one row per as_of_date, group, attribute and cause of a change
key    : as_of_date, group_id, attribute, cause
inputs : marts.candidate_cause, marts.candidate_change_danish
params : $as_of_date
readers: published
rules  :
  attribute in decision, band
  cause in data, criteria, not_split
  from_value, to_value in keep, add, review, exit, none, top_5_pct, top_10_pct, near_miss, outside
  previous_as_of_date, reason, reason_da not null
columns:
  as_of_date           DATE     snapshot date
  group_id             VARCHAR  group
  group_name           VARCHAR  name after the change; before it where the group is gone
  attribute            VARCHAR  decision or band, see key_account_candidate
  cause                VARCHAR  data or criteria; not_split where the criteria of then were written for an earlier
                                version, so that nobody can tell the two apart
  from_value           VARCHAR  before; null where the group was not in the ranking
  to_value             VARCHAR  after; null where it is not in the ranking any more
  previous_as_of_date  DATE     snapshot compared with; as_of_date itself where the criteria were edited and there is no
                                earlier one
  reason               VARCHAR  one sentence
  reason_da            VARCHAR  the same in Danish
*/
with english as (

    select
        group_id,
        group_name,
        attribute,
        cause,
        from_value,
        to_value,
        previous_as_of_date,
        case when is_designated then 'it is ' || if(to_is_key, 'now', 'no longer') || ' designated as a key account' end
            as designation,
        case kind
            when 'gone'
                then
                    if(
                        cause = 'criteria', 'it is no longer admitted to the ranking',
                        'it is no longer ranked: no revenue in 36 months, or part of another group by now'
                    )
            when 'override'
                then
                    case to_override
                        when 'include' then trim('it is put on the list ' || note)
                        when 'exclude' then trim('it is kept off the list ' || note)
                        else 'the decision about it no longer holds'
                    end
            when 'arrived'
                then
                    if(from_value is null, 'it is new in the ranking', 'it was far down the ranking before')
                    || format(', now at rank {:,}', to_rank)
            when 'barred' then concat_ws(': ', 'it can no longer be chosen', nullif(note, ''))
            when 'admitted' then 'it can be chosen, as nothing bars it any more'
            when 'amounts_unknown' then 'deals that it won without a known amount call for a look before it goes'
            when 'amounts_known' then 'the amounts of all the deals it won are known now'
            when 'length'
                then
                    format('rank {:,}', to_rank)
                    || if(from_rank = to_rank, ' as before', format(' instead of {:,}', from_rank))
                    || if(
                        from_list_cnt = to_list_cnt, ', but with another number of customers the bands end elsewhere',
                        format(', but the list has {:,} places instead of {:,}', to_list_cnt, from_list_cnt)
                    )
            when 'criterion'
                then
                    format('rank {:,} instead of {:,}: ', to_rank, from_rank) || '“' || label || '”'
                    || case
                        when cause = 'criteria' and is_same_weight then ' counts in another way and'
                        when cause = 'criteria' then format(' weighs {} instead of {} and', to_share, from_share) else
                            ''
                    end
                    || format(' contributes {} instead of {}', to_part, from_part)
                    || case
                        when cause = 'criteria' then ''
                        when is_same_figure then ' with the same figure: that of others moved the scale'
                        else
                            format(
                                ' (figure {}, before {})', coalesce(to_raw, 'unknown'), coalesce(from_raw, 'unknown')
                            )
                    end
            when 'others' then format(
                'rank {:,} instead of {:,} with score {} (before {}): other customers moved more',
                to_rank, from_rank, to_score, from_score
            )
        end as main
    from marts.candidate_cause
    where as_of_date = $as_of_date::date

),

said as (

    select
        english.*,
        danish.sentence_da,
        concat_ws('; ', english.designation, english.main) as sentence
    from english
    inner join marts.candidate_change_danish as danish
        on
            english.group_id = danish.group_id
            and english.attribute = danish.attribute
            and english.cause = danish.cause
            and danish.as_of_date = $as_of_date::date

)

select
    $as_of_date::date as as_of_date,
    group_id,
    group_name,
    attribute,
    cause,
    from_value,
    to_value,
    previous_as_of_date,
    case cause
        when 'criteria' then 'The criteria changed: ' || sentence
        when 'not_split' then 'The criteria of then cannot be read any more, so that they may be why: ' || sentence
        else upper(sentence[1]) || sentence[2:]
    end || '.' as reason,
    case cause
        when 'criteria' then 'Kriterierne er ændret: ' || sentence_da
        when 'not_split' then 'De daværende kriterier kan ikke længere læses, så det kan skyldes dem: ' || sentence_da
        else upper(sentence_da[1]) || sentence_da[2:]
    end || '.' as reason_da
from said
