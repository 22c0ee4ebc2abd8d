"""The relevance verdict in words, English and Danish: what each test states, and how a reason is said.

What belongs here: sentences, each as a pair of English and Danish with the same figures in the same places. What does
not: which sentence applies (relevance.py).
"""

from collections.abc import Sequence
from typing import NamedTuple


class Wording(NamedTuple):
    """The same sentence in both languages of the report."""

    english: str
    danish: str

    def joined(self, other: "Wording") -> "Wording":
        """Return this sentence with another behind it."""
        return Wording(self.english + other.english, self.danish + other.danish)


STATEMENTS = {
    "enough_customers": Wording("Enough customers to judge.", "Der er kunder nok til at give et svar."),
    "enough_months": Wording("Enough whole months of revenue.", "Der er hele måneder nok med omsætning."),
    "revenue_attributed": Wording(
        "Little revenue lacks account, amount or rate.", "Kun lidt omsætning mangler kunde, beløb eller kurs."
    ),
    "top_10_pct_low": Wording(
        "The top 10 % bring at least this share, at the lower end of the interval.",
        "De største 10 % står for mindst denne andel, i den lave ende af intervallet.",
    ),
    "top_10_pct_high": Wording(
        "The top 10 % bring less than this share, at the upper end of the interval.",
        "De største 10 % står for mindre end denne andel, i den høje ende af intervallet.",
    ),
    "marked_customer": Wording("One customer has a marked share.", "Én kunde har en markant andel."),
    "dependence": Wording(
        "One customer is large enough to be disclosed.", "Én kunde er stor nok til, at den skal oplyses."
    ),
    "clear_of_thresholds": Wording(
        "With fewer than {small} customers, the share is not near a threshold.",
        "Med færre end {small} kunder ligger andelen ikke tæt på en grænse.",
    ),
}

JUDGEMENT = Wording("judgement", "skøn")
OWN_SETTING = Wording("own setting, judgement", "egen indstilling, skøn")
LOGNORMAL = Wording("judgement: lognormal revenue with sigma 1", "skøn: lognormalfordelt omsætning med sigma 1")
DISCLOSURE = Wording("ASC 280-10-50-42, IFRS 8.34", "ASC 280-10-50-42, IFRS 8.34")

NO_INTERVAL = Wording(
    "No interval can be given for so few customers.", "Med så få kunder kan der ikke angives et interval."
)
CONCENTRATED = Wording(": a few customers carry the company.", ": få kunder bærer virksomheden.")
TOO_NEAR = Wording(
    "; with so few customers the share is too near a threshold to call.",
    "; med så få kunder ligger andelen for tæt på en grænse til at afgøre det.",
)
SPREAD = Wording(
    ", and no customer has a marked share: there is nobody to focus on.",
    ", og ingen kunde har en markant andel: der er ingen at samle kræfterne om.",
)
BETWEEN = Wording(
    ": neither clearly concentrated nor clearly spread.", ": hverken tydeligt koncentreret eller tydeligt spredt."
)


def interval(low: float, high: float) -> Wording:
    """Return the opening of a reason: what the top 10 % bring; shares 0..1."""
    return Wording(
        f"The top 10 % of customers bring between {_percent(low)} and {_percent(high)} of revenue",
        f"De største 10 % af kunderne står for mellem {_percent(low)} og {_percent(high)} af omsætningen",
    )


def largest_alone(share: float) -> Wording:
    """Return the ending that names the share of the largest customer, 0..1."""
    return Wording(f"; the largest alone brings {_percent(share)}.", f"; den største alene står for {_percent(share)}.")


def low_end_failed(value: float, threshold: float) -> Wording:
    """Return that the lower end is too low for relevance; shares 0..1."""
    return Wording(
        f"the lower end, {_per_mille(value)}, is below {_percent(threshold)}",
        f"den lave ende, {_per_mille(value, ',')}, er under {_percent(threshold)}",
    )


def high_end_failed(value: float, threshold: float) -> Wording:
    """Return that the upper end is too high to rule relevance out; shares 0..1."""
    return Wording(
        f"the upper end, {_per_mille(value)}, is not below {_percent(threshold)}",
        f"den høje ende, {_per_mille(value, ',')}, er ikke under {_percent(threshold)}",
    )


def too_near_failed(distance: float, margin: float) -> Wording:
    """Return that the share is too near a threshold for so few customers; shares 0..1."""
    points, wanted = f"{100 * distance:.1f}", f"{100 * margin:g}"
    return Wording(
        f"the share is {points} percentage points from a threshold, and more than {wanted} are needed",
        f"andelen er {points} procentpoint fra en grænse, og der skal mere end {wanted} til".replace(".", ","),
    )


def failed(reasons: Sequence[Wording]) -> Wording:
    """Return the sentence that lists what failed, empty where nothing did."""
    if not reasons:
        return Wording("", "")
    english, danish = ("; ".join(texts) for texts in zip(*reasons, strict=True))
    return Wording(f" Not met: {english}.", f" Ikke opfyldt: {danish}.")


def shortfall(test: str, value: float | None, threshold: float) -> Wording:
    """Return the sentence on a test that must hold before anything can be judged, and does not."""
    counted = f"{value or 0:.0f}"
    match test:
        case "enough_customers":
            return Wording(
                f"Too few customers have revenue in the window ({counted}); {threshold:.0f} are needed.",
                f"For få kunder har omsætning i perioden ({counted}); der skal {threshold:.0f} til.",
            )
        case "enough_months":
            return Wording(
                f"Too few whole months of revenue are there ({counted}); {threshold:.0f} are needed.",
                f"Der er for få hele måneder med omsætning ({counted}); der skal {threshold:.0f} til.",
            )
        case _ if value is None:
            return Wording("There is no revenue to judge.", "Der er ingen omsætning at vurdere.")
        case _:
            found, most = _per_mille(value), _percent(threshold)
            return Wording(
                f"{found} of revenue lacks account, amount or rate; at most {most} may.",
                f"{found.replace('.', ',')} af omsætningen mangler kunde, beløb eller kurs; højst {most} må.",
            )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _per_mille(share: float, point: str = ".") -> str:
    return f"{100 * share:.1f} %".replace(".", point)
