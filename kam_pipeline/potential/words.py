"""What is said of the estimate, English and Danish.

What belongs here: sentences, each as a pair with the same figures in the same places. What does not: which sentence
applies (judging.py).
"""

from collections.abc import Sequence

from kam_pipeline.relevance_words import Wording

INPUT_NAMES = {
    "industry": Wording("industry", "branche"),
    "country": Wording("country", "land"),
    "account_type": Wording("account type", "kundetype"),
    "annual_revenue_amt": Wording("the customer's own turnover", "kundens egen omsætning"),
    "employees_cnt": Wording("number of employees", "antal medarbejdere"),
    "accounts_cnt": Wording("number of accounts in the group", "antal kundenumre i koncernen"),
    "countries_cnt": Wording("number of countries", "antal lande"),
}

TURNED_OFF = Wording(
    "Turned off in kam.yaml (criteria.potential.is_on).", "Slået fra i kam.yaml (criteria.potential.is_on)."
)
NOTHING_VARIES = Wording(
    "Nothing in the CRM tells customers apart: industry, country, type, turnover and employees are missing or the same "
    "for all.",
    "Intet i CRM skiller kunderne ad: branche, land, kundetype, omsætning og medarbejdere mangler eller er ens for "
    "alle.",
)
ALL_EQUAL = Wording(
    "All customers buy for the same amount: there is nothing to explain.",
    "Alle kunder køber for det samme beløb: der er intet at forklare.",
)


def too_few(count: int, needed: int) -> Wording:
    """Return the sentence on too few customers to learn from."""
    return Wording(
        f"Too few customers have revenue in three years to learn from ({count}); {needed} are needed.",
        f"For få kunder har omsætning inden for tre år til at lære af ({count}); der skal {needed} til.",
    )


def no_better(error: float, baseline: float) -> Wording:
    """Return the sentence on a model that knows no more than the median; both are factors."""
    return Wording(
        "What the CRM knows of customers does not clearly foretell what they buy: tested on customers not seen, "
        f"half were within a factor of {error:.1f}; the median of all comes within {baseline:.1f}.",
        "Det, CRM ved om kunderne, siger ikke klart noget om, hvad de køber: afprøvet på kunder, som modellen ikke "
        f"havde set, lå halvdelen inden for en faktor {_danish(error)}; med medianen for alle er det "
        f"{_danish(baseline)}.",
    )


def measured(error: float, baseline: float, inputs: Sequence[str]) -> Wording:
    """Return the sentence on how good the estimate is, and what counts most; inputs by their column, at least one."""
    english, danish = zip(*(INPUT_NAMES[name] for name in inputs), strict=True)
    return Wording(
        f"Tested on customers it had not seen, half bought within a factor of {error:.1f} of the estimate (by the "
        f"median of all: {baseline:.1f}). What counts most: {', '.join(english)}. A hint, never the only reason for a "
        "decision.",
        f"Afprøvet på kunder, som modellen ikke havde set, købte halvdelen inden for en faktor {_danish(error)} af "
        f"skønnet (med medianen for alle: {_danish(baseline)}). Det betyder mest: {', '.join(danish)}. Et fingerpeg, "
        "aldrig den eneste grund til en beslutning.",
    )


def _danish(factor: float) -> str:
    return f"{factor:.1f}".replace(".", ",")
