"""What can be started: the whole chain, or its two halves.

`nightly` is everything for one as-of date. `ingest` reads the source up to core, `evaluate` computes and publishes one
date from what is known: `kam run` starts them one after the other, because for files the date follows from the data.
"""

import dagster as dg

START_OF_DATES = "1990-01-01"


def as_of_dates(timezone: str) -> dg.DailyPartitionsDefinition:
    """Return the as-of dates: every day up to tomorrow, which is today for an organisation to the east."""
    return dg.DailyPartitionsDefinition(start_date=START_OF_DATES, timezone=timezone, end_offset=2)


def job_definitions() -> dg.Definitions:
    """Return the three jobs."""
    first_half = dg.AssetSelection.groups("landing", "raw", "staging", "core")
    second_half = dg.AssetSelection.groups("marts", "published")
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                "nightly",
                selection=dg.AssetSelection.all(),
                description="Read the source, compute one as-of date, publish.",
            ),
            dg.define_asset_job(
                "ingest", selection=first_half, description="Read the source, up to customers and deals."
            ),
            dg.define_asset_job(
                "evaluate",
                selection=second_half,
                description="Compute one as-of date from what is known, and publish it.",
            ),
        ]
    )
