"""Settings as tables: what SQL models join with, because a setting is a list and not one value.

What belongs here: the groups file and configured rates; their contracts and their frames. What does not: checking
the settings (kam_pipeline.settings), the criteria (selection/criterion_tables.py).
"""

from datetime import date
from pathlib import Path

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.settings.business import Currency

GROUP_OVERRIDE = parse_contract(
    "staging",
    """
group_override
    Corrections to the ultimate-parent groups from the groups file.

grain  : one row per account that the file places
key    : account_id
inputs : raw.load, settings.groups
columns:
  account_id  VARCHAR  CRM account id
  group_id    VARCHAR  account it belongs under, itself to stand alone, or the name of a new group
  reason      VARCHAR  why, as written
  since       DATE     first day it holds, null for always
""",
    __name__,
)

CONFIGURED_RATE = parse_contract(
    "staging",
    """
configured_rate
    Exchange rates given in kam.yaml.

grain  : one row per currency
key    : currency_code
inputs : settings.currency
columns:
  currency_code        VARCHAR  ISO code
  units_per_reporting  DOUBLE   units of the currency per one unit of the reporting currency
""",
    __name__,
)


def group_override_frame(path: Path | None, known_on: date) -> pd.DataFrame:
    """Return the rows of the groups file that hold on a day.

    Parameters
    ----------
    path : Path or None
        CSV with account_id, group_id, reason, since; None where no file is configured.
    known_on : date
        Rows with a later `since` are left out.

    Returns
    -------
    pd.DataFrame
        Columns of `GROUP_OVERRIDE`.

    Raises
    ------
    SourceFormatError
        When the file cannot be read, lacks a column, or places an account twice.
    """
    names = [column.name for column in GROUP_OVERRIDE.columns]
    if path is None:
        return pd.DataFrame(columns=names)
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise SourceFormatError(f"{path}: cannot be read as CSV ({error}); see groups.file in kam.yaml") from error
    missing = [name for name in ("account_id", "group_id") if name not in frame.columns]
    if missing:
        raise SourceFormatError(
            f"{path}: lacks the column {', '.join(missing)}; its header must be account_id,group_id,reason,since"
        )
    frame = frame.reindex(columns=names, fill_value="").replace("", None)
    since = pd.to_datetime(frame["since"], format="%Y-%m-%d", errors="coerce")
    unreadable = frame[frame["since"].notna() & since.isna()]
    if len(unreadable):
        raise SourceFormatError(
            f"{path}: since {unreadable['since'].iloc[0]!r} of {unreadable['account_id'].iloc[0]} is no date; "
            "write it as 2026-01-31"
        )
    frame = frame.assign(since=since)
    holding = frame[(since.isna()) | (since <= pd.Timestamp(known_on))]
    twice = holding["account_id"][holding["account_id"].duplicated()]
    if len(twice):
        raise SourceFormatError(f"{path}: places {', '.join(sorted(set(twice)))} twice; keep one row for each account")
    return holding


def configured_rate_frame(currency: Currency) -> pd.DataFrame:
    """Return the configured rates as rows of `CONFIGURED_RATE`."""
    return pd.DataFrame(
        {
            "currency_code": pd.Series(list(currency.rates), dtype="str"),
            "units_per_reporting": pd.Series(list(currency.rates.values()), dtype="float64"),
        }
    )
