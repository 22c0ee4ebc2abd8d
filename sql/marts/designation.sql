/*
designation
    The designated list with what was decided beside it: who is a key account, since when and why, and which groups are
    to be in the proposed list or out of it whatever their score. Overrides are bounded: each ends after
    criteria.overrides.max_days at the latest, and of those that hold only criteria.overrides.max_share of the list's
    size are applied, at least one; what began first comes first, then the smaller account id. While an include and an
    exclude of a group both hold neither is applied, nor takes a place. Of several overrides of a group the row shows
    one that holds, otherwise one to come, otherwise one that is over; of those what began first.

grain  : one row per as_of_date and group that is designated or has an override, at whatever time
key    : as_of_date, group_id
inputs : core.account_group, core.decision, marts.designation_source, marts.designated_group, marts.group_metric
params : $as_of_date, $cap, $override_max_share, $override_max_days
readers: published
rules  :
  group_id references core.account_group
  designated_by in decisions, crm
  designated_accounts_cnt from 0
  override in include, exclude
  override_status in applied, expired, not_yet, over_the_bound, contradictory
  override_since_on at most override_until_on
columns:
  as_of_date               DATE     snapshot date
  group_id                 VARCHAR  group
  group_name               VARCHAR  name at the date of the run
  is_key_account           BOOLEAN  on the designated list; null where neither a field nor the file designates anybody
  designated_by            VARCHAR  decisions (the file) or crm (the field); null where the group is not designated
  since_on                 DATE     first day of the designation; null where the CRM says it, which tells no day
  until_on                 DATE     first day on which it will no longer be designated; null where no end is decided
  reason                   VARCHAR  why it is designated, as the file says
  approved_by              VARCHAR  who approved that, as the file says
  designated_accounts_cnt  BIGINT   designated accounts of the group, 0 where it is not designated
  override                 VARCHAR  include (in the list whatever the score) or exclude (never in it); null for neither
  override_status          VARCHAR  applied; over_the_bound (too many hold, this one is not applied); contradictory (an
                                    include and an exclude hold, neither is applied); not_yet (begins on as_of_date or
                                    later); expired
  override_since_on        DATE     first day of the override
  override_until_on        DATE     first day on which it no longer holds, at the latest max_days after the first
  override_reason          VARCHAR  why, as the file says
  override_by              VARCHAR  who approved it, as the file says
*/
with list_size as (

    select least(ceil(0.10 * count(*)), $cap::bigint) as groups_cnt
    from marts.group_metric
    where as_of_date = $as_of_date::date and revenue_amt > 0

),

-- rounded, so that 0.29 of 100 is 29
bound as (

    select greatest(floor(round($override_max_share::double * groups_cnt, 6)), 1) as overrides_cnt
    from list_size

),

bounded as (

    select
        *,
        least(
            coalesce(until_on, since_on + $override_max_days::integer), since_on + $override_max_days::integer
        ) as ends_on
    from core.decision
    where status in ('include', 'exclude')

),

timed as (

    select
        *,
        case
            when since_on >= $as_of_date::date then 'not_yet'
            when ends_on >= $as_of_date::date then 'holds'
            else 'expired'
        end as timing
    from bounded

),

-- what is included and excluded on the date itself is neither; one that is over or to come undoes nothing
consistent as (

    select
        * exclude (timing),
        case
            when
                timing = 'holds'
                and min(status) filter (where timing = 'holds') over (partition by group_id)
                <> max(status) filter (where timing = 'holds') over (partition by group_id)
                then 'contradictory'
            else timing
        end as timing
    from timed

),

-- one per group; what holds comes before "not_yet" before "expired"
shown as (

    select *
    from consistent
    qualify
        row_number() over (
            partition by group_id
            order by
                case timing when 'expired' then 3 when 'not_yet' then 2 else 1 end, since_on, account_id, decision_id
        ) = 1

),

override as (

    select
        shown.*,
        case
            when shown.timing <> 'holds' then shown.timing
            when
                row_number() over (partition by shown.timing order by shown.since_on, shown.account_id)
                <= bound.overrides_cnt
                then 'applied'
            else 'over_the_bound'
        end as override_status
    from shown
    cross join bound

)

select
    $as_of_date::date as as_of_date,
    account_group.group_id,
    account_group.group_name,
    case when source.source <> 'none' then listed.group_id is not null end as is_key_account,
    listed.designated_by,
    listed.since_on,
    listed.until_on,
    listed.reason,
    listed.approved_by,
    coalesce(listed.designated_accounts_cnt, 0) as designated_accounts_cnt,
    override.status as override,
    override.override_status,
    override.since_on as override_since_on,
    override.ends_on as override_until_on,
    override.reason as override_reason,
    override.approved_by as override_by
from core.account_group as account_group
inner join marts.designation_source as source on source.as_of_date = $as_of_date::date
left join marts.designated_group as listed
    on account_group.group_id = listed.group_id and listed.as_of_date = $as_of_date::date
left join override on account_group.group_id = override.group_id
where listed.group_id is not null or override.group_id is not null
