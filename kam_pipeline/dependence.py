"""How much hangs on a few customers: the bands of the tests, and the verdict that follows from them.

What belongs here: bands as a table with where they come from, and the verdict per basis in both languages. What does
not: measuring (sql/marts/revenue_concentration.sql), holding figures against bands (sql/marts/dependence_risk.sql),
whether key account management is right for the company (relevance.py): dependence is a risk and no reason for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.relevance_words import OWN_SETTING, Wording, shortfall
from kam_pipeline.settings.business import Dependence, Relevance
from kam_pipeline.warehouse import Warehouse

DependenceVerdict = Literal["low", "elevated", "high", "insufficient_data"]
TESTS = ("largest_share", "cr_3", "cr_5", "hhi")
PRECONDITIONS = ("enough_months", "revenue_attributed")
"""Tests of relevance that must hold here too; few customers are what dependence is about, and no lack of data."""

DEPENDENCE_BAND = parse_contract(
    "marts",
    """
dependence_band
    From which figures on dependence on a few customers is elevated or high, as set in kam.yaml.

grain  : one row per as_of_date and test
key    : as_of_date, test
inputs : settings.relevance
rules  :
  test in largest_share, cr_3, cr_5, hhi
  elevated_from, high_from between 0 and 1
  elevated_from at most high_from
columns:
  as_of_date     DATE     snapshot date
  test           VARCHAR  largest_share, cr_3, cr_5 or hhi
  elevated_from  DOUBLE   from here on the risk is elevated
  high_from      DOUBLE   from here on it is high
  source         VARCHAR  where the figures come from, or judgement
  source_da      VARCHAR  the same in Danish
""",
    __name__,
)

KAM_DEPENDENCE = parse_contract(
    "marts",
    """
kam_dependence
    Does too much hang on a few customers? The group row is the verdict, the account row the leaf view.

grain  : one row per as_of_date and basis
key    : as_of_date, basis
inputs : marts.dependence_risk, marts.relevance_test
readers: published
rules  :
  basis in group, account
  verdict in low, elevated, high, insufficient_data
  verdict, reason, reason_da not null
columns:
  as_of_date  DATE     snapshot date
  basis       VARCHAR  group or account
  verdict     VARCHAR  low, elevated, high or insufficient_data: the worst band of the tests in dependence_risk
  reason      VARCHAR  which tests failed, each with its figure and threshold
  reason_da   VARCHAR  the same in Danish
""",
    __name__,
)

SOURCES = {
    "largest_share": Wording(
        "disclosure from 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % is lending practice",
        "oplysningspligt fra 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % er långiveres praksis",
    ),
    "cr_3": Wording("lending practice, judgement", "långiveres praksis, skøn"),
    "cr_5": Wording("lending practice, judgement", "långiveres praksis, skøn"),
    "hhi": Wording(
        "judgement; market thresholds are no norm for customers",
        "skøn; grænser for markeder er ingen norm for kunder",
    ),
}

_SUBJECTS = {
    "largest_share": Wording("the largest customer brings", "den største kunde står for"),
    "cr_3": Wording("the three largest customers bring", "de tre største kunder står for"),
    "cr_5": Wording("the five largest customers bring", "de fem største kunder står for"),
    "hhi": Wording("the Herfindahl index is", "Herfindahl-indekset er"),
}
_OPENINGS = {
    "low": Wording("Low, no test failed: ", "Lav, alle krav er opfyldt: "),
    "elevated": Wording("Elevated: ", "Forhøjet: "),
    "high": Wording("High: ", "Høj: "),
}
_BANDS = {"elevated": Wording("elevated", "forhøjet"), "high": Wording("high", "høj")}
_NO_REVENUE = Wording("There is no revenue to judge.", "Der er ingen omsætning at vurdere.")


@dataclass(frozen=True)
class MeasuredDependence:
    """One test of one basis: its figure, None without revenue, and the two thresholds."""

    test: str
    value: float | None
    elevated_from: float
    high_from: float

    @property
    def band(self) -> DependenceVerdict:
        """The band that the figure lies in."""
        if self.value is None:
            return "insufficient_data"
        if self.value >= self.high_from:
            return "high"
        return "elevated" if self.value >= self.elevated_from else "low"


def dependence_verdict(
    measured: Sequence[MeasuredDependence], lacking: Sequence[Wording] = ()
) -> tuple[DependenceVerdict, Wording]:
    """Return the verdict on dependence and its reason.

    Parameters
    ----------
    measured : Sequence[MeasuredDependence]
        The tests of one basis, in the order in which they are told; empty without revenue.
    lacking : Sequence[Wording]
        What is lacking for any verdict.

    Returns
    -------
    tuple[DependenceVerdict, Wording]
        The worst band, and the tests that failed; all of them where none did.
    """
    if lacking:
        return "insufficient_data", Wording(*map(" ".join, zip(*lacking, strict=True)))
    bands = [test.band for test in measured]
    if not measured or "insufficient_data" in bands:
        return "insufficient_data", _NO_REVENUE
    verdict: DependenceVerdict = "high" if "high" in bands else "elevated" if "elevated" in bands else "low"
    told = [test for test in measured if verdict == "low" or test.band != "low"]
    sentences = zip(*(_said(test) for test in told), strict=True)
    return verdict, _OPENINGS[verdict].joined(Wording(*("; ".join(parts) + "." for parts in sentences)))


def dependence_band_frame(_: Warehouse, rule: Relevance, as_of_date: date) -> pd.DataFrame:
    """Return the bands as rows of `DEPENDENCE_BAND`; a band of one's own has no source but that."""
    defaults = Dependence()
    rows = []
    for test in TESTS:
        band = getattr(rule.dependence, test)
        source = SOURCES[test] if band == getattr(defaults, test) else OWN_SETTING
        rows.append((as_of_date, test, band.elevated_from, band.high_from, source.english, source.danish))
    return pd.DataFrame(rows, columns=[column.name for column in DEPENDENCE_BAND.columns])


def kam_dependence_frame(warehouse: Warehouse, as_of_date: date) -> pd.DataFrame:
    """Return the verdict of both bases as rows of `KAM_DEPENDENCE`.

    Parameters
    ----------
    warehouse : Warehouse
        With `marts.dependence_risk` and `marts.relevance_test` of the date.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        One row per basis.
    """
    day = {"day": as_of_date}
    measured = warehouse.rows(
        "select basis, test, value, threshold, high_threshold from marts.dependence_risk where as_of_date = $day", day
    )
    unmet = warehouse.rows(
        "select basis, test, value, threshold from marts.relevance_test "
        "where as_of_date = $day and passed is distinct from true order by basis, test",
        day,
    )
    rows = []
    for basis in ("account", "group"):
        tests = {row[1]: MeasuredDependence(*row[1:]) for row in measured if row[0] == basis}
        lacking = [shortfall(*row[1:]) for row in unmet if row[0] == basis and row[1] in PRECONDITIONS]
        verdict, reason = dependence_verdict([tests[test] for test in TESTS if test in tests], lacking)
        rows.append((as_of_date, basis, verdict, reason.english, reason.danish))
    return pd.DataFrame(rows, columns=[column.name for column in KAM_DEPENDENCE.columns])


def _said(test: MeasuredDependence) -> Wording:
    """Return a figure with the threshold that it reached, or the first that it did not."""
    band = "high" if test.band == "high" else "elevated"
    threshold = test.high_from if band == "high" else test.elevated_from
    value = test.value or 0.0
    if test.test == "hhi":
        figure, limit, of, of_da = f"{value:.3f}", f"{threshold:g}", "", ""
    else:
        figure, limit, of, of_da = f"{100 * value:.1f} %", f"{100 * threshold:g} %", " of revenue", " af omsætningen"
    subject, word = _SUBJECTS[test.test], _BANDS[band]
    figure_da, limit_da = figure.replace(".", ","), limit.replace(".", ",")
    return Wording(
        f"{subject.english} {figure}{of} ({word.english} from {limit})",
        f"{subject.danish} {figure_da}{of_da} ({word.danish} fra {limit_da})",
    )
