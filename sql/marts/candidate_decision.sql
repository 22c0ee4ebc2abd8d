/*
candidate_decision
    What is proposed for each group, and the sentence that says why, in both languages of the report.

grain  : one row per as_of_date and group with revenue in 36 months, designated, or with enough potential
key    : as_of_date, group_id
inputs : marts.candidate_rank, core.organisation
params : $as_of_date
columns:
  as_of_date  DATE     snapshot date
  group_id    VARCHAR  group
  decision    VARCHAR  keep, review or exit for designated groups; add or none for the others; a designated group whose
                       revenue is not fully known is never exit
  reason      VARCHAR  one sentence
  reason_da   VARCHAR  the same sentence in Danish, built from the same figures
*/
with decided as (

    select
        ranked.*,
        organisation.reporting_currency,
        count(*) over () as groups_cnt,
        case
            when ranked.is_key_account and ranked.is_in_list then 'keep'
            when ranked.is_key_account and (ranked.band <> 'outside' or ranked.unknown_won_cnt > 0) then 'review'
            when ranked.is_key_account then 'exit'
            when ranked.is_in_list then 'add'
            else 'none'
        end as decision
    from marts.candidate_rank as ranked
    cross join core.organisation as organisation
    where ranked.as_of_date = $as_of_date::date

),

opening (decision, is_outside, english, danish) as (

    values
    ('keep', false, 'Keep: ', 'Behold: '),
    ('add', false, 'Add: ', 'Tilføj: '),
    ('review', false, 'Review, just outside the list: ', 'Vurdér igen, lige uden for listen: '),
    ('review', true, 'Review, its revenue is not fully known: ', 'Vurdér igen, omsætningen er ikke fuldt kendt: '),
    ('exit', true, 'Exit, far from the list: ', 'Tag af listen, langt fra den: '),
    ('none', false, 'Near miss: ', 'Lige uden for listen: '),
    ('none', true, 'Not proposed: ', 'Ikke foreslået: ')

),

-- Danish writes 1.234.567 and 12,3 where English writes 1,234,567 and 12.3
figure as (

    select
        decided.*,
        opening.english,
        opening.danish,
        format('{:.2f}', decided.score) as score_text,
        translate(score_text, ',.', '.,') as score_text_da,
        format('{:,.0f} {}', decided.revenue_amt::double, decided.reporting_currency) as revenue_text,
        translate(revenue_text, ',.', '.,') as revenue_text_da,
        format('{:.1f} %', 100 * decided.revenue_share) as share_text,
        translate(share_text, ',.', '.,') as share_text_da,
        case when decided.revenue_growth >= 0 then '+' else '' end
        || format('{:,.0f} %', 100 * decided.revenue_growth) as growth_text,
        translate(growth_text, ',.', '.,') as growth_text_da,
        format('{:.2f}', decided.strongest_contribution) as contribution_text,
        translate(contribution_text, ',.', '.,') as contribution_text_da,
        case decided.strongest
            when 'revenue' then 'omsætning'
            when 'growth' then 'vækst'
            when 'potential' then 'potentiale'
            else decided.strongest
        end as strongest_da
    from decided
    inner join opening
        on decided.decision = opening.decision and (decided.band = 'outside') = opening.is_outside

)

select
    $as_of_date::date as as_of_date,
    group_id,
    decision,
    concat(
        english,
        format('rank {} of {} with score {}, ', rank, groups_cnt, score_text),
        case
            when revenue_amt > 0
                then
                    format('{} in 12 months ({} of revenue', revenue_text, share_text)
                    || coalesce(format(', {} on the year before)', growth_text), ', nothing to compare with)')
            when revenue_amt is null then 'revenue not known'
            else 'no revenue in 12 months'
        end,
        case
            when unknown_won_cnt > 0 then format('; won deals without a known amount: {}', unknown_won_cnt)
            else ''
        end,
        case
            when strongest_contribution > 0
                then format('; most of it from {} ({}).', strongest, contribution_text)
            else '.'
        end
    ) as reason,
    concat(
        danish,
        format('nr. {} af {} med score {}, ', rank, groups_cnt, score_text_da),
        case
            when revenue_amt > 0
                then
                    format('{} på 12 måneder ({} af omsætningen', revenue_text_da, share_text_da)
                    || coalesce(format(', {} i forhold til året før)', growth_text_da), ', intet at sammenligne med)')
            when revenue_amt is null then 'omsætningen er ikke kendt'
            else 'ingen omsætning i 12 måneder'
        end,
        case
            when unknown_won_cnt > 0 then format('; vundne ordrer uden kendt beløb: {}', unknown_won_cnt)
            else ''
        end,
        case
            when strongest_contribution > 0
                then format('; det meste kommer fra {} ({}).', strongest_da, contribution_text_da)
            else '.'
        end
    ) as reason_da
from figure
