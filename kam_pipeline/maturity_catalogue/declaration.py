"""The form of a declaration: what is said of a practice and of an indicator, once, for tables, report and settings.

What belongs here: the form, and the sentences that several indicators share. What does not: single indicators (one
module per practice), measuring (kam_pipeline.maturity), what a customer changes (settings `maturity`).
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

PracticeKey = Literal[
    "customer_focus",
    "strategic_anchoring",
    "management_backing",
    "cross_functional_teams",
    "structures_and_tools",
    "competence",
    "data_driven_insight",
    "personal_relation",
    "measurement_and_learning",
]
Unit = Literal["share", "ratio", "count", "days"]
SumsUp = Literal["share", "ratio", "median", "count"]
"""How the rows of the observed customers become one figure.

share: how many of them; Wilson interval. ratio: sum of numerators over sum of denominators; median: of their values;
both with resampled customers. count: sum of numerators beside a whole that is the same on every row; a fact without an
interval."""
Observes = Literal["key_account", "customer", "month"]
"""What one row of the indicator's SQL file is: a key account (all of them have a row), another choice of customers, or
a month."""


class Text(NamedTuple):
    """One sentence in both languages."""

    en: str
    da: str


JUDGEMENT = Text("judgement", "skøn")


@dataclass(frozen=True)
class Ladder:
    """Levels by four anchors, the upper ends of levels 1 to 4.

    Attributes
    ----------
    anchors : tuple[float, float, float, float]
        Rising where more is better, falling where less is.
    end : float or None
        Where the scale itself ends, None where it does not.
    """

    anchors: tuple[float, float, float, float]
    end: float | None = None

    @property
    def is_rising(self) -> bool:
        """Whether more is better."""
        return self.anchors[3] > self.anchors[0]

    @property
    def top(self) -> float:
        """Where level 5 is reached: as far beyond the last anchor as that is from the one before, or the end."""
        fifth = 2 * self.anchors[3] - self.anchors[2]
        if self.end is None:
            return fifth
        return min(fifth, self.end) if self.is_rising else max(fifth, self.end)


@dataclass(frozen=True)
class Bands:
    """Levels by target bands, in steps: neither too few nor too many.

    Attributes
    ----------
    bands : tuple[tuple[int, int], ...]
        From and to of levels 5, 4, 3 and 2; outside all of them it is level 1.
    small_shares : tuple[float, ...]
        Where the whole is so small that a tenth of it lies below the first band: the largest share of the whole for
        levels 5, 4, 3 and 2, rounded up to a number.
    """

    bands: tuple[tuple[int, int], ...]
    small_shares: tuple[float, ...]


Scale = Ladder | Bands


@dataclass(frozen=True)
class Measure:
    """How an indicator is measured: by the SQL file of its name in `sql/marts/maturity`.

    Attributes
    ----------
    sums_up : SumsUp
        How the rows become one figure.
    counted : Text
        What numerator and denominator count, in the plural; empty where they are no counts. Of a count: what follows
        the number, with {whole} where the denominator goes.
    unseen : Text
        When a customer cannot be judged, as a sentence.
    needs : tuple[str, ...]
        What the source must have: `Object`, `Object.Field` or `feeds.name`; with `|` between them one is enough.
    observes : Observes
        What one row is.
    min_coverage : float or None
        A smaller share of rows that can be judged gives no level; None for the setting of all indicators.
    stands_in_for : str
        An indicator that this one replaces, weight and all, where that one cannot be measured; empty for none.
    """

    sums_up: SumsUp
    counted: Text
    unseen: Text
    needs: tuple[str, ...] = ()
    observes: Observes = "key_account"
    min_coverage: float | None = None
    stands_in_for: str = ""


@dataclass(frozen=True)
class Lack:
    """Why an indicator that is declared is not measured by this version."""

    status: Literal["not_configured", "not_measurable"]
    reason: Text


@dataclass(frozen=True)
class Indicator:
    """One indicator of a practice.

    Attributes
    ----------
    key : str
        Name in tables and settings, and stem of its SQL file.
    name : Text
        Name for readers.
    unit : Unit
        Unit of its value; shares are 0..1.
    scale : Scale
        Anchors or bands, which kam.yaml may replace.
    weight : float
        Weight in its practice, which kam.yaml may replace.
    how : Measure or Lack
        How it is measured, or why it is not.
    caveat : Text
        What it cannot say, and how it could be made to look better than things are.
    remedy : Text
        What to map, deliver or switch on so that it can be measured.
    source : Text
        Where the anchors come from.
    """

    key: str
    name: Text
    unit: Unit
    scale: Scale
    weight: float
    how: Measure | Lack
    caveat: Text
    remedy: Text
    source: Text = JUDGEMENT


@dataclass(frozen=True)
class Practice:
    """One of the nine practices with its indicators, in reading order."""

    key: PracticeKey
    name: Text
    indicators: tuple[Indicator, ...]


SHARE_END = 1.0
NO_COUNTS = Text("", "")
KEY_ACCOUNTS = Text("key accounts", "nøglekunder")
NEVER_UNSEEN = Text("", "")

NO_ACTIVITY_UNSEEN = Text(
    "Where nothing at all is recorded in the period, for any customer, nobody knows whether nothing took place.",
    "Er der slet intet registreret i perioden, for nogen kunde, ved ingen, om der ikke er sket noget.",
)
RECORD_MEETINGS = Text(
    "Deliver Event (and Task), and record meetings with customers there: synchronise the calendars with the CRM.",
    "Levér Event (og Task), og registrér kundemøder dér: synkronisér kalenderne med CRM.",
)
RECORD_CONTACTS = Text(
    "Deliver Event and Task with WhoId, and name the contact on every meeting and call.",
    "Levér Event og Task med WhoId, og angiv kontaktpersonen på hvert møde og opkald.",
)
DESIGNATE = Text(
    "Map Account.IsKeyAccount in kam.yaml (mapping: Account: fields: IsKeyAccount) to the field that says who is a key "
    "account, and mark the key accounts in it; or list them in a file (feeds: decisions).",
    "Angiv i kam.yaml (mapping: Account: fields: IsKeyAccount) det felt, der viser, hvem der er nøglekunde, og markér "
    "nøglekunderne i det; eller angiv dem i en fil (feeds: decisions).",
)
