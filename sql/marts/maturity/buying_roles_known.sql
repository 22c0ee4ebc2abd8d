/*
buying_roles_known
    Deals of the key account that are open, or closed in twelve months, with a contact of the customer named on the
    deal. Numerator: deals with a contact; null without a deal. Denominator: deals; null likewise.

inputs : marts.designated_group, core.opportunity, staging.opportunity_contact_role
params : $as_of_date
*/
with named as (

    select distinct opportunity_id
    from staging.opportunity_contact_role
    where contact_id is not null

),

deal as (

    select
        opportunity.group_id,
        count(*) as deals_cnt,
        count(named.opportunity_id) as with_contact_cnt
    from core.opportunity as opportunity
    left join named on opportunity.opportunity_id = named.opportunity_id
    where
        coalesce(opportunity.created_on < $as_of_date::date, true)
        and (
            not opportunity.is_closed
            or (
                opportunity.closed_on < $as_of_date::date
                and opportunity.closed_on >= $as_of_date::date - interval 12 month
            )
        )
    group by opportunity.group_id

)

select
    designated.group_id as observed_id,
    deal.with_contact_cnt::double as numerator,
    deal.deals_cnt::double as denominator,
    (deal.with_contact_cnt / deal.deals_cnt)::double as value,
    coalesce(format('With a contact: {} of {} deals.', deal.with_contact_cnt, deal.deals_cnt), 'No deal.') as detail,
    coalesce(format('Med kontakt: {} af {} salg.', deal.with_contact_cnt, deal.deals_cnt), 'Ingen salg.') as detail_da
from marts.designated_group as designated
left join deal on designated.group_id = deal.group_id
where designated.as_of_date = $as_of_date::date
