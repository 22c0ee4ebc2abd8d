"""Run the hand-written script of the published tables in this process and measure its phases.

The script is spine_script.sql with kpi_script.sql before its last phase. What belongs here: paths and settings of the
script, and the bootstrap of concentration, which SQL cannot say. What does not: that of the KPIs
(kpi_script_intervals.py), any code of the product; the script is what the product is held against.
"""

import argparse
import hashlib
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from kpi_script_intervals import make_kpi_intervals
from spine_measure import Meter

SCRIPT = Path(__file__).with_name("spine_script.sql")
KPI_SCRIPT = Path(__file__).with_name("kpi_script.sql")
_MARK = "-- phase: "
_LAST = f"{_MARK}write"
_DRAWS = 1000
_PERCENTS = (1, 5, 10, 20)


def run(folder: Path, target: Path, as_of_date: date, threads: int, memory_limit: str, meter: Meter) -> None:
    """Make the published tables of one export.

    Parameters
    ----------
    folder : Path
        Holds `export` and `feeds`.
    target : Path
        The database file to write; one that exists is replaced.
    as_of_date : date
        Exclusive end of the windows.
    threads : int
        Threads that DuckDB may use.
    memory_limit : str
        Memory that DuckDB may use.
    meter : Meter
        Gets one phase per part of the script.
    """
    target.unlink(missing_ok=True)
    made_in_python = {"intervals": _make_intervals, "kpi intervals": make_kpi_intervals}
    text = SCRIPT.read_text(encoding="utf-8").replace(_LAST, KPI_SCRIPT.read_text(encoding="utf-8") + "\n" + _LAST)
    for place, path in (("export", folder / "export"), ("feeds", folder / "feeds"), ("target", target)):
        text = text.replace("{" + place + "}", str(path).replace("'", "''"))
    config = {"threads": threads, "memory_limit": memory_limit, "preserve_insertion_order": False}
    with duckdb.connect(config=config) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set variable as_of_date = $day", {"day": as_of_date})
        for part in text.split(_MARK)[1:]:
            name, _, statements = part.partition("\n")
            with meter.phase(name):
                if name in made_in_python:
                    made_in_python[name](connection)
                else:
                    connection.execute(statements)


def _make_intervals(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute("select basis, revenue_amt::double as revenue_amt from ranked").df()
    rows = [
        (basis, metric, *np.percentile(values, (2.5, 97.5)))
        for basis, part in found.groupby("basis")
        for metric, values in _bootstrap(np.sort(part["revenue_amt"].to_numpy())[::-1]).items()
    ]
    frame = pd.DataFrame(rows, columns=["basis", "metric", "ci_low", "ci_high"])
    connection.register("interval_frame", frame)
    connection.execute("create temp table interval as from interval_frame")


def _bootstrap(revenue: np.ndarray) -> dict[str, np.ndarray]:
    """Return every measure of 1,000 resamples, one at a time; seeded as the product, to compare the intervals too."""
    share = revenue / revenue.sum()
    n = share.size
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(share.tobytes()).digest()[:8], "big"))
    share_log = share * np.log(share)
    cuts = [-(-percent * n // 100) for percent in _PERCENTS]
    tops, ginis, theils = np.empty((len(cuts), _DRAWS)), np.empty(_DRAWS), np.empty(_DRAWS)
    for draw in range(_DRAWS):
        counts = np.bincount(generator.integers(0, n, n), minlength=n)
        taken, drawn = np.cumsum(counts), counts * share
        summed = np.cumsum(drawn)
        total = summed[-1]
        for number, cut in enumerate(cuts):
            # whole customers up to the cut, then as many of the next as there is room for
            last = int(np.searchsorted(taken, cut))
            before = summed[last] - (taken[last] - cut) * share[last]
            tops[number, draw] = before / total
        # no `@`: its threads cost several times what they save on so short vectors
        ginis[draw] = ((n + 1) * total - ((2 * taken - counts + 1) * drawn).sum()) / (n * total)
        theils[draw] = (counts * share_log).sum() / total - np.log(total / n)
    measures = {f"top_{percent}_pct_share": tops[number] for number, percent in enumerate(_PERCENTS)}
    return measures | {"gini": ginis, "gini_corrected": ginis * n / (n - 1), "theil": theils}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("as_of_date", type=date.fromisoformat)
    parser.add_argument("threads", type=int)
    parser.add_argument("memory_limit")
    given = parser.parse_args()
    meter = Meter()
    run(given.folder, given.target, given.as_of_date, given.threads, given.memory_limit, meter)
    print(meter.report())


if __name__ == "__main__":
    main()
