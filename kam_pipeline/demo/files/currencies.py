"""CurrencyType.csv, DatedConversionRate.csv and Organization.csv.

What belongs here: the text of currencies, rates and of the organisation itself. What does not: the rates
(model/rates.py).
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kam_pipeline.demo.columns import DAY_SECONDS, Column, Columns, Floats, constant, dates, either, flags, pick, stamps
from kam_pipeline.demo.ids import make_ids
from kam_pipeline.demo.model.company import office_seconds
from kam_pipeline.demo.model.rates import CURRENCIES
from kam_pipeline.demo.model.world import World

_NEVER = "9999-12-31"
_HOUR = 6


def currency_type_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of CurrencyType.csv: the rates of the last month hold for everything without dated rates."""
    count = len(CURRENCIES)
    rows = np.arange(count, dtype=np.int64)
    yield {
        "Id": make_ids("CurrencyType", rows),
        "IsoCode": pick(CURRENCIES, rows),
        "ConversionRate": _six_decimals(world.rates.per_krone[-1]),
        "DecimalPlaces": constant("2", count),
        "IsActive": constant("1", count),
        "IsCorporate": flags(rows == 0),
    } | _one_stamp(world, count)


def conversion_rate_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of DatedConversionRate.csv: one row per month and currency, the last without an end."""
    rates = world.rates
    months = len(rates.per_krone)
    starts = (
        np.arange(rates.first_month, rates.first_month + months + 1).astype("datetime64[M]").astype("datetime64[D]")
    )
    days = starts.astype(np.int64)
    count = months * len(CURRENCIES)
    rows = np.arange(count, dtype=np.int64)
    month, currency = np.divmod(rows, len(CURRENCIES))
    next_starts = either(month == months - 1, constant(_NEVER, count), dates(days[month + 1]))
    yield {
        "Id": make_ids("DatedConversionRate", rows),
        "IsoCode": pick(CURRENCIES, currency),
        "StartDate": dates(days[month]),
        "NextStartDate": next_starts,
        "ConversionRate": _six_decimals(rates.per_krone.reshape(-1)),
    } | _stamp_columns(stamps(days[month] * DAY_SECONDS + _HOUR * 3600))


def organization_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Organization.csv: one row."""
    yield {
        "Id": make_ids("Organization", np.zeros(1, dtype=np.int64)),
        "Name": constant("Nordlys Components", 1),
        "DefaultCurrencyIsoCode": constant(CURRENCIES[0], 1),
        "FiscalYearStartMonth": constant("1", 1),
        "TimeZoneSidKey": constant("Europe/Copenhagen", 1),
        "IsSandbox": constant("0", 1),
    } | _one_stamp(world, 1)


def _one_stamp(world: World, count: int) -> Columns:
    """Return the three stamp columns, all of the morning of the first day."""
    rng = world.company.rng("settings stamp")
    seconds = office_seconds(rng, np.array([world.company.first_day], dtype=np.int64))
    return _stamp_columns(stamps(np.repeat(seconds, count)))


def _stamp_columns(moment: Column) -> Columns:
    return {"CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment}


def _six_decimals(rates: Floats) -> Column:
    return pa.array(np.char.mod("%.6f", rates), pa.string())
