"""A published company for tests of `kam whatif`, with a list that can be checked in the head.

What belongs here: its figures and criteria, and publishing them. What does not: expectations.

    customer   size   fit   revenue   score with size 1, fit 1   with size 3, fit 1
    Acme       1.0    0.0      400    (1.0 + 0.0) / 2 = 0.500    (3.0 + 0.0) / 4 = 0.750
    Bolt       0.5    1.0      200    (0.5 + 1.0) / 2 = 0.750    (1.5 + 1.0) / 4 = 0.625   designated
    Cato       0.8    0.4      300    (0.8 + 0.4) / 2 = 0.600    (2.4 + 0.4) / 4 = 0.700
    others     0      0        100 together                      0

Of 20 customers two are on the list: Bolt and Cato; with a size of 3 Acme and Cato. Of 30 all three are.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from kam_pipeline.selection.chain import INPUTS, Selection, other_selection
from kam_pipeline.settings.criteria import Criteria
from tests.factories import AS_OF
from tests.report.published_file import PublishedFile

TABLES = (
    "snapshot",
    "criteria",
    "group_metric",
    "group_field",
    "designation",
    "key_account_candidate",
    "candidate_list",
)
CRITERIA: dict[str, Any] = {
    "items": [
        {
            "name": "size", "metric": "countries_cnt", "transform": "bands", "weight": 1,
            "bands": [{"score": 0}, {"at_least": 5, "score": 0.5}, {"at_least": 8, "score": 0.8},
                      {"at_least": 10, "score": 1}],
        },
        {
            "name": "fit", "metric": "strategic_fit", "transform": "bands", "weight": 1,
            "bands": [{"score": 0}, {"at_least": 4, "score": 0.4}, {"at_least": 10, "score": 1}],
        },
    ],
    "stability": {"draws": 0},
}  # fmt: skip
_NAMED = {"Acme": (10, 0, 400), "Bolt": (5, 10, 200), "Cato": (8, 4, 300)}


def with_sizes(weight: float) -> dict[str, Any]:
    """The criteria with another weight for size."""
    size, fit = CRITERIA["items"]
    return {**CRITERIA, "items": [{**size, "weight": weight}, fit]}


def published_company(
    folder: Path, groups: int = 20, criteria: Mapping[str, Any] = CRITERIA, names: Mapping[str, str] | None = None
) -> PublishedFile:
    """Publish the company as a run would, and write the kam.yaml that it was published with."""
    folder.mkdir(exist_ok=True)
    (folder / "export").mkdir()
    settings = {"source": {"kind": "files", "path": "export"}, "criteria": dict(criteria)}
    (folder / "kam.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    file = PublishedFile(folder / "published" / "key_accounts.duckdb", TABLES)
    file.add("snapshot", {"criteria_version": "as published", "reporting_currency": "EUR"})
    file.add("criteria", {"criteria_version": "as published", "text": _text(criteria)})
    shown = names or {}
    rest = groups - len(_NAMED)
    file.add(
        "group_metric",
        *({"group_id": name.lower(), "group_name": shown.get(name, name), "countries_cnt": size, "strategic_fit": fit,
           "revenue_amt": revenue, "is_key_account": name == "Bolt"} for name, (size, fit, revenue) in _NAMED.items()),
        *({"group_id": f"other{place:02}", "group_name": f"Other {place}", "countries_cnt": 1, "strategic_fit": 0,
           "revenue_amt": 1 if place < rest else 101 - rest} for place in range(1, rest + 1)),
    )  # fmt: skip
    file.add("designation", {"group_id": "bolt", "is_key_account": True})
    publish_list(file, Criteria.model_validate(criteria))
    return file


def _text(criteria: Mapping[str, Any]) -> str:
    return json.dumps(Criteria.model_validate(criteria).model_dump())


def publish_list(file: PublishedFile, criteria: Criteria) -> None:
    """Put the list that criteria give into the published file."""
    inputs = {name: f"select * from published.kam.{name.split('.')[1]}" for name in INPUTS if name.startswith("marts.")}
    inputs["core.organisation"] = "select 'EUR' as reporting_currency"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file.path}' as published")
        with other_selection(connection, Selection(criteria, AS_OF, 20), inputs):
            for table in ("key_account_candidate", "candidate_list"):
                connection.execute(f"create table found_{table} as select * from marts.{table}")
                connection.execute(f"insert into published.kam.{table} by name select * from found_{table}")
