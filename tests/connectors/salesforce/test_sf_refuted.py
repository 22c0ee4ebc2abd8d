"""Organisations that are otherwise than ours: what they leave out, refuse, or write in another way loses no record."""

import pytest

from kam_pipeline.crm_schema import ACCOUNT_HISTORY, CRM_OBJECTS
from tests.connectors.salesforce.nights import Pipeline


@pytest.fixture
def nights(org, serve, source_settings, tmp_path, warehouse):
    """Make a pipeline of some objects; its nights are begun by `after(hours)`, so long after the one before."""

    def make(*objects, mapping=None, server=None, **settings):
        emulator = serve(**(server or {}))
        pipeline = Pipeline(source_settings(emulator, **settings), tmp_path, warehouse, objects, mapping)

        def night(hours: float = 24):
            org.clock.advance(hours=hours)
            return pipeline.night(org.clock.now())

        pipeline.after, pipeline.emulator = night, emulator
        return pipeline

    return make


def accounts(org, count):
    return [org.insert("Account", {"Name": f"Account {number}"}) for number in range(count)]


# --- history ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bulk_from", [0, 2000])
def test_all_objects_are_compared_by_their_ids_those_without_a_stamp_too(org, nights, bulk_from):
    account = accounts(org, 1)[0]
    org.update("Account", account, {"Name": "renamed"})
    pipeline = nights(*CRM_OBJECTS, reconcile_days=0, bulk_from=bulk_from)
    pipeline.after()
    change = next(iter(pipeline.living(ACCOUNT_HISTORY)))
    org.purge("AccountHistory", change, trace=False)
    org.update("Account", account, {"Name": "renamed again"})
    counts = pipeline.after()["AccountHistory"]
    assert (counts.inserted_cnt, counts.vanished_cnt) == (1, 1)
    assert change not in pipeline.living(ACCOUNT_HISTORY)
