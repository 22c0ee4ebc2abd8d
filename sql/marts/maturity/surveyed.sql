/*
surveyed
    Whether the key account answered a survey within twelve months. Numerator: 1 where it did, otherwise 0; being asked
    is not enough. Denominator: 1.

inputs : marts.designated_group, core.satisfaction
params : $as_of_date
*/
with asked as (

    select
        group_id,
        count(*) as asked_cnt,
        count(score) as answered_cnt
    from core.satisfaction
    where surveyed_on < $as_of_date::date and surveyed_on >= $as_of_date::date - interval 12 month
    group by group_id

)

select
    designated.group_id as observed_id,
    (coalesce(asked.answered_cnt, 0) > 0)::integer::double as numerator,
    1::double as denominator,
    (coalesce(asked.answered_cnt, 0) > 0)::integer::double as value,
    format('Asked: {}; answered: {}.', coalesce(asked.asked_cnt, 0), coalesce(asked.answered_cnt, 0)) as detail,
    format('Adspurgt: {}; svaret: {}.', coalesce(asked.asked_cnt, 0), coalesce(asked.answered_cnt, 0)) as detail_da
from marts.designated_group as designated
left join asked on designated.group_id = asked.group_id
where designated.as_of_date = $as_of_date::date
