/*
candidate_list
    The proposed list as a whole: how long it is, what it covers, how firm it is, and what is doubtful about it.

grain  : one row per as_of_date
key    : as_of_date
inputs : marts.candidate_list_figure
params : $as_of_date, $min_coverage, $min_groups
readers: published
rules  :
  status in measured, insufficient_data
  status not null
  customers_cnt, list_cnt, keep_cnt, add_cnt, review_cnt, exit_cnt, included_cnt, excluded_cnt, barred_cnt from 0
  covered_share, best_share, coverage, mean_stability between 0 and 1
columns:
  as_of_date      DATE     snapshot date
  status          VARCHAR  measured; insufficient_data where too few customers have revenue, or nobody has a score
  customers_cnt   BIGINT   groups with revenue in 12 months
  list_cnt        BIGINT   groups on the list
  cap             BIGINT   longest list allowed
  is_capped       BOOLEAN  the cap, not the 10 %, ends the list
  keep_cnt        BIGINT   designated groups on the list
  add_cnt         BIGINT   others on the list
  review_cnt      BIGINT   designated groups just outside it
  exit_cnt        BIGINT   designated groups far from it
  included_cnt    BIGINT   on the list by a decision
  excluded_cnt    BIGINT   off the list by a decision
  barred_cnt      BIGINT   groups that cannot be chosen, excluded ones among them
  covered_share   DOUBLE   share of revenue of the list, 0..1
  best_share      DOUBLE   share of revenue of the groups with the most revenue, as many as the list has
  coverage        DOUBLE   covered_share over best_share, 0..1
  mean_stability  DOUBLE   mean band stability of the list, 0..1; null where it was not drawn
  left_out        VARCHAR  criteria that too few groups have figures for, their weight given to the others; null: none
  tied_cnt        BIGINT   groups level with the last one on the list, on either side of its end
  warning         VARCHAR  what is doubtful, in sentences; null where nothing is
  warning_da      VARCHAR  the same in Danish
*/
with said as (

    select
        *,
        format('{:.1f} %', 100 * covered_share) as covered_text,
        format('{:.1f} %', 100 * best_share) as best_text,
        format('{:.0f} %', 100 * coverage) as coverage_text,
        format('{:g} %', 100 * $min_coverage::double) as least_text,
        if(included_cnt + excluded_cnt > 0, 'Criteria or decisions', 'The criteria') as chooser,
        if(included_cnt + excluded_cnt > 0, 'Kriterier eller beslutninger', 'Kriterierne') as chooser_da
    from marts.candidate_list_figure
    where as_of_date = $as_of_date::date

)

select
    $as_of_date::date as as_of_date,
    case when figure.customers_cnt < $min_groups::bigint then 'insufficient_data' else figure.status end as status,
    figure.customers_cnt,
    figure.list_cnt,
    figure.cap,
    figure.is_capped,
    figure.keep_cnt,
    figure.add_cnt,
    figure.review_cnt,
    figure.exit_cnt,
    figure.included_cnt,
    figure.excluded_cnt,
    figure.barred_cnt,
    figure.covered_share,
    figure.best_share,
    figure.coverage,
    figure.mean_stability,
    figure.left_out,
    figure.tied_cnt,
    nullif(concat_ws(
        ' ',
        case
            when figure.list_cnt = 0
                then 'Nobody can be proposed: no criterion has figures, or nobody passes the gates.'
        end,
        case
            when figure.customers_cnt < $min_groups::bigint
                then
                    format(
                        'Only {} customers have revenue; from {} on a list can be defended.',
                        figure.customers_cnt, $min_groups::bigint
                    )
        end,
        case
            when figure.coverage < $min_coverage::double
                then
                    format(
                        'The list covers {} of revenue where the best possible one of {} would cover {}: {} of it, '
                        || 'below {}. {} pick small customers.',
                        covered_text, figure.list_cnt, best_text, coverage_text, least_text, chooser
                    )
        end,
        case
            when figure.tied_cnt > 0
                then format('{} customers are level at the end of the list; the id decides.', figure.tied_cnt)
        end,
        case
            when figure.left_out is not null
                then format('Left out, because too few customers have figures: {}.', figure.left_out_label)
        end
    ), '') as warning,
    nullif(concat_ws(
        ' ',
        case
            when figure.list_cnt = 0
                then 'Ingen kan foreslås: intet kriterium har tal, eller ingen opfylder kravene.'
        end,
        case
            when figure.customers_cnt < $min_groups::bigint
                then
                    format(
                        'Kun {} kunder har omsætning; der skal mindst {} til, før en liste kan forsvares.',
                        figure.customers_cnt, $min_groups::bigint
                    )
        end,
        case
            when figure.coverage < $min_coverage::double
                then
                    format(
                        'Listen dækker {} af omsætningen, hvor den bedst mulige liste med {} kunder ville dække {}: '
                        || '{} af det, under {}. {} vælger små kunder.',
                        translate(covered_text, '.', ','), figure.list_cnt, translate(best_text, '.', ','),
                        coverage_text, translate(least_text, '.', ','), chooser_da
                    )
        end,
        case
            when figure.tied_cnt > 0
                then format('{} kunder står lige ved listens afslutning; kundens id afgør.', figure.tied_cnt)
        end,
        case
            when figure.left_out is not null
                then format('Udeladt, fordi for få kunder har tal: {}.', figure.left_out_label_da)
        end
    ), '') as warning_da
from said as figure
