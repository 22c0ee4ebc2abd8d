"""The figures of a group that criteria may name: each numeric column of marts.group_metric, declared once.

What belongs here: what a figure is called, what it is counted in, which way is better. What does not: how it is
computed (sql/marts/group_metric.sql), what a criterion makes of it (settings).
"""

from dataclasses import dataclass
from typing import Literal

MetricType = Literal["money", "count", "share", "ratio", "days", "number"]
"""money: reporting currency; count: whole; share: 0..1; ratio: may be negative or above 1; days: whole; number: on a
scale of the organisation's own."""

Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class GroupMetric:
    """One figure of a group.

    Attributes
    ----------
    name : str
        Column of marts.group_metric.
    type : MetricType
        What kind of figure it is.
    unit : str
        What it is counted in, in words; the reporting currency is `currency`.
    better : Better
        Which way speaks for a key account, unless the criterion says otherwise.
    name_en, name_da : str
        What readers see.
    description : str
        One sentence: what is counted, over which time, and when it is unknown.
    """

    name: str
    type: MetricType
    unit: str
    better: Better
    name_en: str
    name_da: str
    description: str


def _money(name: str, name_en: str, name_da: str, description: str) -> GroupMetric:
    return GroupMetric(name, "money", "currency", "higher", name_en, name_da, description)


GROUP_METRICS: tuple[GroupMetric, ...] = (
    _money(
        "revenue_amt",
        "Revenue, 12 months",
        "Omsætning, 12 måneder",
        "Revenue of the last 12 months, on the chosen basis; unknown where only deals without a known amount were won.",
    ),
    _money(
        "prior_amt",
        "Revenue, the year before",
        "Omsætning, året før",
        "Revenue of the 12 months before the last 12.",
    ),
    _money(
        "before_amt",
        "Revenue, two years before",
        "Omsætning, to år før",
        "Revenue of the 12 months that began three years ago.",
    ),
    _money(
        "revenue_mean_2y_amt",
        "Revenue, mean of 2 years",
        "Omsætning, gennemsnit af 2 år",
        "Half of the revenue of 24 months: luck counts less than in a single year.",
    ),
    _money(
        "revenue_mean_3y_amt",
        "Revenue, mean of 3 years",
        "Omsætning, gennemsnit af 3 år",
        "A third of the revenue of 36 months: luck counts least.",
    ),
    GroupMetric(
        "revenue_growth",
        "ratio",
        "change on the year before",
        "higher",
        "Growth",
        "Vækst",
        "Revenue of the last 12 months over those of the 12 before, minus 1; unknown where those are not above 0, or "
        "the company's history does not cover them.",
    ),
    GroupMetric(
        "won_cnt",
        "count",
        "deals",
        "higher",
        "Won deals, 36 months",
        "Vundne ordrer, 36 måneder",
        "Deals won in 36 months, those without a known amount too.",
    ),
    GroupMetric(
        "days_since_won",
        "days",
        "days",
        "lower",
        "Days since last won deal",
        "Dage siden seneste vundne ordre",
        "Days since the newest won deal; unknown where none was ever won.",
    ),
    _money(
        "profit_amt",
        "Profit, 12 months",
        "Dækningsbidrag, 12 måneder",
        "Revenue less costs of the last 12 whole months; unknown where costs are known for too little of the revenue.",
    ),
    GroupMetric(
        "gross_margin_share",
        "ratio",
        "share of revenue, below 0 at a loss",
        "higher",
        "Gross margin",
        "Dækningsgrad",
        "Revenue less costs over revenue, of the last 12 whole months; unknown where costs are known for too little of "
        "the revenue.",
    ),
    _money(
        "potential_amt",
        "Potential",
        "Potentiale",
        "Mapped potential of all accounts of the group; unknown where none has one.",
    ),
    GroupMetric(
        "share_of_wallet",
        "ratio",
        "share of potential",
        "higher",
        "Share of wallet",
        "Andel af potentialet",
        "Revenue of 12 months over the mapped potential; above 1 where more is bought than was thought possible.",
    ),
    _money(
        "untapped_amt",
        "Untapped potential",
        "Uudnyttet potentiale",
        "Potential less revenue of 12 months, not below 0; unknown where either is.",
    ),
    _money(
        "similar_revenue_amt",
        "What similar customers buy",
        "Hvad lignende kunder køber",
        "Estimated yearly revenue of customers like it, 3-year mean; unknown where the estimate is off.",
    ),
    _money(
        "open_pipeline_amt",
        "Open pipeline",
        "Åben pipeline",
        "Open deals with a known amount; unknown where no open deal has one, or nobody has an open deal.",
    ),
    GroupMetric(
        "strategic_fit",
        "number",
        "points on your own scale",
        "higher",
        "Strategic fit",
        "Strategisk egnethed",
        "Mapped field StrategicFit, as far as it is a number: the highest of the group's accounts.",
    ),
    GroupMetric(
        "market_influence",
        "number",
        "points on your own scale",
        "higher",
        "Market influence",
        "Indflydelse på markedet",
        "Mapped field MarketInfluence, as far as it is a number: the highest of the group's accounts.",
    ),
    GroupMetric(
        "engaged_contacts_cnt",
        "count",
        "contacts",
        "higher",
        "Engaged contacts",
        "Aktive kontaktpersoner",
        "Different contacts met or called within kpis.contact_days; unknown where no such meeting or call names one.",
    ),
    GroupMetric(
        "meetings_cnt",
        "count",
        "meetings",
        "higher",
        "Meetings, 12 months",
        "Møder, 12 måneder",
        "Meetings held in 12 months; unknown where there were none with anybody.",
    ),
    GroupMetric(
        "days_since_meeting",
        "days",
        "days",
        "lower",
        "Days since last meeting",
        "Dage siden seneste møde",
        "Days since the newest meeting; unknown where there never was one.",
    ),
    GroupMetric(
        "relationship_strength",
        "share",
        "0 to 1",
        "higher",
        "Strength of the relationship",
        "Relationens styrke",
        "Mean of engaged contacts of 5, meetings of 12 in a year and how lately of 180 days: a judgement.",
    ),
    GroupMetric(
        "product_families_cnt",
        "count",
        "product families",
        "higher",
        "Product breadth",
        "Produktbredde",
        "Different product families won within kpis.cross_sell_months; unknown where what was won names none.",
    ),
    GroupMetric(
        "countries_cnt",
        "count",
        "countries",
        "higher",
        "Countries",
        "Lande",
        "Different billing countries of the group's accounts; unknown where none has one.",
    ),
    GroupMetric(
        "accounts_cnt",
        "count",
        "accounts",
        "higher",
        "Accounts in the group",
        "Selskaber i koncernen",
        "Accounts under the same ultimate parent.",
    ),
    GroupMetric(
        "satisfaction_mean",
        "number",
        "points on the scale of the survey",
        "higher",
        "Satisfaction",
        "Tilfredshed",
        "Answers of 12 months, the mean of the accounts' means; unknown where nobody has answered.",
    ),
)

_BY_NAME = {metric.name: metric for metric in GROUP_METRICS}


def group_metric(name: str) -> GroupMetric | None:
    """Return the figure of that name, None where there is none.

    Parameters
    ----------
    name : str
        Column of marts.group_metric.

    Returns
    -------
    GroupMetric or None
        Its declaration.

    Examples
    --------
    >>> group_metric("days_since_won").better
    'lower'
    >>> group_metric("group_name") is None
    True
    """
    return _BY_NAME.get(name)
