/*
candidate_reason
    The sentence that says why, in both languages of the report, built from the same figures.

grain  : one row per as_of_date and group that can be proposed and has a score
key    : as_of_date, group_id
inputs : marts.candidate_rank, marts.candidate_decision, marts.candidate_stability, marts.candidate_note,
         marts.criterion, core.organisation
params : $as_of_date
columns:
  as_of_date  DATE     snapshot date
  group_id    VARCHAR  group
  reason      VARCHAR  one sentence
  reason_da   VARCHAR  the same sentence in Danish
*/
with opening (decision, standing, english, danish) as (

    values
    ('keep', 'list', 'Keep: ', 'Behold: '),
    ('add', 'list', 'Add: ', 'Tilføj: '),
    ('review', 'full', 'Review, the list is full: ', 'Vurdér igen, listen er fuld: '),
    ('review', 'near', 'Review, just outside the list: ', 'Vurdér igen, lige uden for listen: '),
    ('review', 'far', 'Review, its revenue is not fully known: ', 'Vurdér igen, omsætningen er ikke fuldt kendt: '),
    ('exit', 'far', 'Exit, far from the list: ', 'Tag af listen, langt fra den: '),
    ('exit', 'barred', 'Exit: ', 'Tag af listen: '),
    ('none', 'full', 'Not proposed, the list is full: ', 'Ikke foreslået, listen er fuld: '),
    ('none', 'near', 'Near miss: ', 'Lige uden for listen: '),
    ('none', 'far', 'Not proposed: ', 'Ikke foreslået: '),
    ('none', 'barred', 'Not proposed: ', 'Ikke foreslået: ')

),

-- counted by itself: a window over everything would make every sentence where one is asked for
counted as (

    select count(*) as groups_cnt
    from marts.candidate_rank
    where as_of_date = $as_of_date::date

),

-- Danish writes 1.234.567 and 12,3 where English writes 1,234,567 and 12.3
figure as (

    select
        ranked.*,
        opening.english || coalesce(note.note || '; ', '') as english,
        opening.danish || coalesce(note.note_da || '; ', '') as danish,
        criterion.label,
        criterion.label_da,
        stability.rank_low,
        stability.rank_high,
        counted.groups_cnt,
        format('{:.2f}', ranked.score) as score_text,
        format('{:,.0f} {}', ranked.revenue_amt::double, organisation.reporting_currency) as revenue_text,
        format('{:.1f} %', 100 * ranked.revenue_share) as share_text,
        case when ranked.revenue_growth >= 0.005 then '+' else '' end
        || format('{:,.0f} %', if(abs(ranked.revenue_growth) < 0.005, 0, 100 * ranked.revenue_growth)) as growth_text,
        format('{:.2f}', ranked.strongest_contribution) as contribution_text
    from marts.candidate_rank as ranked
    inner join marts.candidate_decision as decided
        on ranked.group_id = decided.group_id and decided.as_of_date = $as_of_date::date
    inner join opening on decided.decision = opening.decision and decided.standing = opening.standing
    cross join counted
    cross join core.organisation as organisation
    left join marts.criterion as criterion
        on ranked.strongest = criterion.criterion and criterion.as_of_date = $as_of_date::date
    left join marts.candidate_note as note
        on ranked.group_id = note.group_id and note.as_of_date = $as_of_date::date
    left join marts.candidate_stability as stability
        on ranked.group_id = stability.group_id and stability.as_of_date = $as_of_date::date
    where ranked.as_of_date = $as_of_date::date

)

select
    $as_of_date::date as as_of_date,
    group_id,
    concat(
        english,
        format('rank {} of {}', rank, groups_cnt),
        case when rank_low < rank_high then format(', plausibly {} to {},', rank_low, rank_high) else '' end,
        format(' with score {}, ', score_text),
        case
            when revenue_amt > 0
                then
                    format('{} in 12 months ({} of revenue', revenue_text, share_text)
                    || coalesce(format(', {} on the year before)', growth_text), ', nothing to compare with)')
            when revenue_amt is null then 'revenue not known'
            when revenue_amt < 0 then format('{} in 12 months, more credits than revenue', revenue_text)
            else 'no revenue in 12 months'
        end,
        case
            when unknown_won_cnt > 0 then format('; without a known amount: {}', unknown_won_cnt)
            else ''
        end,
        case
            when tied_cnt = 1 then '; level with one other, the id decides'
            when tied_cnt > 1 then format('; level with {} others, the id decides', tied_cnt)
            else ''
        end,
        case
            when strongest_contribution > 0 then format('; most of it from {} ({}).', label, contribution_text)
            else '.'
        end
    ) as reason,
    concat(
        danish,
        format('nr. {} af {}', rank, groups_cnt),
        case when rank_low < rank_high then format(', realistisk nr. {} til {},', rank_low, rank_high) else '' end,
        format(' med score {}, ', translate(score_text, ',.', '.,')),
        case
            when revenue_amt > 0
                then
                    format(
                        '{} på 12 måneder ({} af omsætningen',
                        translate(revenue_text, ',.', '.,'), translate(share_text, ',.', '.,')
                    )
                    || coalesce(
                        format(', {} i forhold til året før)', translate(growth_text, ',.', '.,')),
                        ', intet sammenligningsgrundlag)'
                    )
            when revenue_amt is null then 'omsætningen er ikke kendt'
            when revenue_amt < 0
                then format('{} på 12 måneder, mere krediteret end solgt', translate(revenue_text, ',.', '.,'))
            else 'ingen omsætning i 12 måneder'
        end,
        case when unknown_won_cnt > 0 then format('; uden kendt beløb: {}', unknown_won_cnt) else '' end,
        case
            when tied_cnt = 1 then '; på linje med én anden, kundens id afgør'
            when tied_cnt > 1 then format('; på linje med {} andre, kundens id afgør', tied_cnt)
            else ''
        end,
        case
            when strongest_contribution > 0
                then format('; det meste kommer fra {} ({}).', label_da, translate(contribution_text, ',.', '.,'))
            else '.'
        end
    ) as reason_da
from figure
