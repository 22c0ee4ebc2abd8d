/*
candidate_note
    What besides its score decides about a group: a decision that holds, a gate not passed, an estimate alone.

grain  : one row per as_of_date and group of which there is something to say
key    : as_of_date, group_id
inputs : marts.candidate_rank, marts.candidate_gate, marts.designation
params : $as_of_date
columns:
  as_of_date  DATE     snapshot date
  group_id    VARCHAR  group
  note        VARCHAR  what, as part of a sentence
  note_da     VARCHAR  the same in Danish
*/
with gate as (

    select
        group_id,
        string_agg(reason, '; ' order by gate) as reason,
        string_agg(reason_da, '; ' order by gate) as reason_da
    from marts.candidate_gate
    where as_of_date = $as_of_date::date
    group by group_id

),

decision as (

    select
        group_id,
        format('by decision of {} until {} ({})', override_by, override_until_on, override_reason) as note,
        format(
            'efter beslutning af {} indtil {} ({})',
            override_by, strftime(override_until_on, '%d-%m-%Y'), override_reason
        ) as note_da
    from marts.designation
    where as_of_date = $as_of_date::date and override is not null and override_status = 'applied'

)

select
    $as_of_date::date as as_of_date,
    ranked.group_id,
    concat_ws(
        '; ',
        decision.note,
        gate.reason,
        case when ranked.is_estimate_alone then 'nothing but an estimate speaks for it' end
    ) as note,
    concat_ws(
        '; ',
        decision.note_da,
        gate.reason_da,
        case when ranked.is_estimate_alone then 'kun et skøn taler for den' end
    ) as note_da
from marts.candidate_rank as ranked
left join gate on ranked.group_id = gate.group_id
left join decision on ranked.group_id = decision.group_id
where
    ranked.as_of_date = $as_of_date::date
    and (decision.note is not null or gate.reason is not null or ranked.is_estimate_alone)
