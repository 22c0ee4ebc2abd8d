/*
satisfaction
    What customers were asked and how they answered. Answers dated on or after a snapshot are kept here: tables of a
    snapshot leave them out.

grain  : one row per survey answer, or question that was not answered, of a customer in scope
key    : response_id
inputs : core.feed_row
params : none
stored : view
columns:
  response_id  VARCHAR  id of the row; made from its content where the feed has none
  group_id     VARCHAR  group of the account
  account_id   VARCHAR  CRM account id
  contact_id   VARCHAR  contact that was asked, as written; null where the feed does not say
  surveyed_on  DATE     day of the survey
  score        DOUBLE   score within feeds.satisfaction.lowest and highest; null: asked and not answered
*/
select
    record_id as response_id,
    group_id,
    account_id,
    contact_id,
    dated_on as surveyed_on,
    score
from core.feed_row
where object = 'feeds.satisfaction' and status = 'used'
