"""Which fields the source has: of each object, what its newest delivery said."""

from datetime import timedelta

import pytest

from tests.factories import KNOWN_AT, build, by_key, loaded


def present(warehouse):
    build(warehouse, "staging.known_field")
    return by_key(warehouse, "select field, is_present from staging.known_field where object = 'Account'")


def test_a_field_is_there_when_the_newest_delivery_has_it(warehouse):
    loaded(warehouse, run_id="run-1", absent=["Industry"])
    assert (present(warehouse)["Industry"], present(warehouse)["OwnerId"]) == (False, True)
    loaded(warehouse, known_at=KNOWN_AT + timedelta(days=1), run_id="run-2", absent=["OwnerId"])
    assert (present(warehouse)["Industry"], present(warehouse)["OwnerId"]) == (True, False)


def test_a_delivery_without_the_object_leaves_the_earlier_one_in_force(warehouse):
    loaded(warehouse, run_id="run-1", absent=["Industry"])
    warehouse.connection.execute(
        "insert into raw.load (run_id, known_at, source, object, is_present) "
        "values ('run-2', ?, 'files', 'Account', false)",
        [KNOWN_AT + timedelta(days=1)],
    )
    assert present(warehouse)["OwnerId"] is True


@pytest.mark.parametrize(
    ("presence", "is_there"),
    [
        ("present", True),
        ("new", True),
        ("retyped", True),
        ("absent", False),
        ("vanished", False),
        ("not_mapped", False),
    ],
)
def test_a_field_is_there_while_its_values_arrive(warehouse, presence, is_there):
    loaded(warehouse)
    warehouse.connection.execute("update raw.field_presence set presence = ? where field = 'IsKeyAccount'", [presence])
    assert present(warehouse)["IsKeyAccount"] is is_there
    build(warehouse, "staging.delivery")
    assert warehouse.value("select has_designation from staging.delivery") is is_there


def test_an_object_never_delivered_has_no_fields(warehouse):
    loaded(warehouse)
    build(warehouse, "staging.known_field")
    assert warehouse.value("select count(*) from staging.known_field where object = 'Event'") == 0
