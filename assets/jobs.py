"""What can be started: the whole chain, its two halves, or handing on what is there.

`ingest` reads the source up to core, `evaluate` computes and publishes one date from what is known: `kam run` and the
nights (assets/nights.py) start them one after the other, because for files the date follows from the data.
`ingest_and_evaluate` is both for a date that somebody chooses in the page.
`publish` hands what is kept to every target again and computes nothing.
"""

import dagster as dg

from assets.publish import TARGETS, WHOLE_TAG

START_OF_DATES = "1990-01-01"
INGEST = "ingest"
EVALUATE = "evaluate"


def as_of_dates(timezone: str) -> dg.DailyPartitionsDefinition:
    """Return the as-of dates: every day up to tomorrow, which is today for an organisation to the east."""
    return dg.DailyPartitionsDefinition(start_date=START_OF_DATES, timezone=timezone, end_offset=2)


def job_definitions() -> dg.Definitions:
    """Return the jobs."""
    first_half = dg.AssetSelection.groups("landing", "raw", "staging", "core").without_checks()
    # checks of raw and core too: they are made in one step once the date has been computed
    second_half = dg.AssetSelection.groups("marts", "published") | dg.AssetSelection.all_asset_checks()
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                "ingest_and_evaluate",
                selection=dg.AssetSelection.all(),
                description="Read the source, compute a chosen as-of date, publish.",
            ),
            dg.define_asset_job(
                INGEST, selection=first_half, description="Read the source, up to customers and deals."
            ),
            dg.define_asset_job(
                EVALUATE,
                selection=second_half,
                description="Compute one as-of date from what is known, and publish it.",
            ),
            dg.define_asset_job(
                "publish",
                selection=dg.AssetSelection.assets(*TARGETS),
                tags={WHOLE_TAG: "true"},
                description="Hand what is kept to every target again; choose the newest date.",
            ),
        ]
    )
