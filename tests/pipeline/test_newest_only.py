"""Tables as large as the customer base: of them only the newest date is kept, and a past date makes its own again."""

from datetime import date

import pytest

from kam_pipeline.errors import WarehouseError
from kam_pipeline.evaluation import decide_evaluation
from kam_pipeline.settings import load_configuration
from kam_pipeline.tables import Build, newest_only_contracts, tables
from kam_pipeline.warehouse import Warehouse

JUNE = date(2026, 6, 1)
TIERS = "select field_value from {}.group_field where as_of_date = '{}' and group_id = 'a30' and field = 'Tier__c'"
DATES = "select distinct as_of_date from {}.{} order by 1"


@pytest.fixture
def nights(company):
    """A night for June, when a30 was gold and its fit 3, and one for today, when it is silver and its fit 5."""
    company.settings += "mapping: {Account: {custom: [Tier__c], fields: {StrategicFit: Fit}}}\n"
    company.account_header += ["Tier__c", "Fit"]
    company.accounts[-1] |= {"Tier__c": "Gold", "Fit": "3"}
    company.run(as_of=JUNE)
    company.accounts[-1] |= {"Tier__c": "Silver", "Fit": "5"}
    company.newest = company.run()
    return company


@pytest.mark.slow
def test_a_past_date_is_made_again_as_known_then_and_readers_keep_the_newest(nights):
    fit = "select strategic_fit from marts.group_metric where group_id = 'a30' and as_of_date = '{}'"
    ranking = f"select * exclude (reason) from key_account_candidate where as_of_date = '{JUNE}' order by all"
    names = [contract.name for contract in newest_only_contracts()]
    published = [contract.name for contract in newest_only_contracts() if contract.is_published]
    assert {"group_metric", "group_field"} <= set(published)
    for name in names:
        assert nights.inside(DATES.format("marts", name)) == [(nights.newest,)] or name == "group_feed"
    before = nights.read(ranking)

    nights.run(as_of=JUNE, knowledge="then")
    assert nights.inside(TIERS.format("marts", JUNE)) == [("Gold",)]
    assert nights.inside(fit.format(JUNE)) == [(3.0,)]
    assert nights.inside(fit.format(nights.newest)) == [(5.0,)]
    for name in published:
        assert nights.inside(DATES.format("published", name)) == [(nights.newest,)]
        assert nights.read(DATES.format("kam", name)) == [(nights.newest,)]
    assert nights.read(TIERS.format("kam", nights.newest)) == [("Silver",)]
    assert nights.read(ranking) == before

    nights.run()
    assert nights.inside(DATES.format("marts", "group_metric")) == [(nights.newest,)]


@pytest.mark.slow
def test_nothing_is_made_of_a_past_date_from_rows_that_are_gone(nights):
    configuration = load_configuration(nights.folder / "kam.yaml")
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        evaluation = decide_evaluation(warehouse, configuration, JUNE, "then", "run", nights.clock.replace(tzinfo=None))
        build = Build(warehouse, configuration, evaluation)
        with pytest.raises(WarehouseError, match=r"made from marts\.group_metric, .* `kam run --as-of 2026-06-01`"):
            tables()["marts.candidate_pool"].build(build)
