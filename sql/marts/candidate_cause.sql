/*
candidate_cause
    What each changed decision and band comes from: one kind of cause for each, with the figures that a sentence needs.

grain  : one row per as_of_date, group, attribute and cause of a change
key    : as_of_date, group_id, attribute, cause
inputs : marts.candidate_step
params : $as_of_date
rules  :
  kind in gone, override, designation, arrived, barred, admitted, amounts_unknown, amounts_known, length, criterion,
    others
columns:
  as_of_date           DATE     snapshot date
  group_id             VARCHAR  group
  attribute            VARCHAR  decision or band
  cause                VARCHAR  data, criteria or not_split
  group_name           VARCHAR  its name
  from_value           VARCHAR  before; null where not ranked
  to_value             VARCHAR  after; null where not ranked
  previous_as_of_date  DATE     snapshot compared with
  kind                 VARCHAR  what it comes from; length: of the list, or of the bands; criterion: one that moved the
                                way the rank did; others: its score did not, so that other groups moved more
  is_designated        BOOLEAN  the designation is another
  to_is_key            BOOLEAN  designated after
  to_override          VARCHAR  include or exclude after
  note                 VARCHAR  what besides the score decides; empty where nothing does
  note_da              VARCHAR  the same in Danish
  from_rank            BIGINT   rank before
  to_rank              BIGINT   rank after
  from_list_cnt        BIGINT   groups on the list before
  to_list_cnt          BIGINT   groups on the list after
  label                VARCHAR  what people call the criterion that moved most
  label_da             VARCHAR  the same in Danish
  is_same_figure       BOOLEAN  its figure is the same
  is_same_weight       BOOLEAN  its weight is the same
  from_score           VARCHAR  score before, two decimals
  to_score             VARCHAR  score after
  from_part            VARCHAR  contribution of the criterion before; two decimals, three where these are level
  to_part              VARCHAR  contribution after
  from_share           VARCHAR  its weight before, in per cent
  to_share             VARCHAR  its weight after
  from_raw             VARCHAR  its figure before; null where unknown
  to_raw               VARCHAR  its figure after
*/
with change as (

    select
        'decision' as attribute,
        from_decision as from_value,
        to_decision as to_value,
        *
    from marts.candidate_step
    where as_of_date = $as_of_date::date and coalesce(from_decision, 'none') <> coalesce(to_decision, 'none')
    union all
    select
        'band' as attribute,
        from_band as from_value,
        to_band as to_value,
        *
    from marts.candidate_step
    where as_of_date = $as_of_date::date and coalesce(from_band, 'outside') <> coalesce(to_band, 'outside')

),

-- where a value stands, 0 best: the list before what is near it, designated or not
placed as (

    select
        *,
        list_position(['top_5_pct', 'top_10_pct', 'near_miss'], from_band) as from_place,
        list_position(['top_5_pct', 'top_10_pct', 'near_miss'], to_band) as to_place,
        coalesce(from_decision in ('keep', 'add'), false) as from_in_list,
        coalesce(to_decision in ('keep', 'add'), false) as to_in_list,
        coalesce(from_override, 'no') <> coalesce(to_override, 'no')
        and (attribute = 'decision' or 'exclude' in (from_override, to_override)) as is_overridden,
        attribute = 'decision' and from_is_key <> to_is_key as is_designated
    from change

),

judged as (

    select
        *,
        format('{:.2f}', from_contribution) = format('{:.2f}', to_contribution) as is_close,
        case
            when attribute = 'band' then sign(coalesce(from_place, 4) - coalesce(to_place, 4))
            when from_in_list <> to_in_list then if(to_in_list, 1, -1)
            else sign(coalesce(from_place, 4) - coalesce(to_place, 4))
        end as direction
    from placed

)

select
    $as_of_date::date as as_of_date,
    group_id,
    attribute,
    cause,
    group_name,
    from_value,
    to_value,
    previous_as_of_date,
    case
        when to_rank is null then 'gone'
        when is_overridden then 'override'
        when is_designated and from_in_list = to_in_list then 'designation'
        when from_rank is null then 'arrived'
        when from_is_eligible and not to_is_eligible then 'barred'
        when not from_is_eligible and to_is_eligible then 'admitted'
        when attribute = 'decision' and to_value = 'review' and to_band = 'outside' then 'amounts_unknown'
        when attribute = 'decision' and from_value = 'review' and from_band = 'outside' then 'amounts_known'
        when direction <> sign(from_rank - to_rank) then 'length'
        when criterion is not null then 'criterion'
        else 'others'
    end as kind,
    is_designated,
    to_is_key,
    to_override,
    coalesce(note, '') as note,
    coalesce(note_da, '') as note_da,
    from_rank,
    to_rank,
    from_list_cnt,
    to_list_cnt,
    label,
    label_da,
    (from_raw_value is not distinct from to_raw_value) as is_same_figure,
    (from_weight = to_weight) as is_same_weight,
    format('{:.2f}', from_score) as from_score,
    format('{:.2f}', to_score) as to_score,
    if(is_close, format('{:.3f}', from_contribution), format('{:.2f}', from_contribution)) as from_part,
    if(is_close, format('{:.3f}', to_contribution), format('{:.2f}', to_contribution)) as to_part,
    format('{:.0f} %', 100 * from_weight) as from_share,
    format('{:.0f} %', 100 * to_weight) as to_share,
    if(abs(from_raw_value) < 100, format('{:.2f}', from_raw_value), format('{:,.0f}', from_raw_value)) as from_raw,
    if(abs(to_raw_value) < 100, format('{:.2f}', to_raw_value), format('{:,.0f}', to_raw_value)) as to_raw
from judged
