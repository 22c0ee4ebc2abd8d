"""Practice strategic anchoring: what is wanted from each key account, written down and tied to the company's goals."""

from kam_pipeline.maturity_catalogue.declaration import (
    KEY_ACCOUNTS,
    NEVER_UNSEEN,
    SHARE_END,
    Indicator,
    Lack,
    Ladder,
    Measure,
    Practice,
    Text,
)

_NO_PLANS = Text(
    "Objectives are kept in account plans, which this version does not read.",
    "Mål står i kundeplaner, som denne version ikke læser.",
)
_KEEP_PLANS = Text(
    "Switch on account plans in the CRM (Salesforce: AccountPlan with objectives and measures, API 62 or later), or "
    "keep them in an object of your own, so that they are there when a later version reads them.",
    "Slå kundeplaner til i CRM (Salesforce: AccountPlan med objectives og measures, API 62 eller nyere), eller før "
    "dem i jeres eget objekt, så de findes, når en senere version læser dem.",
)

STRATEGIC_ANCHORING = Practice(
    key="strategic_anchoring",
    name=Text("Strategic anchoring", "Strategisk forankring"),
    indicators=(
        Indicator(
            key="dated_objectives",
            name=Text("Key accounts with a dated, measurable objective", "Nøglekunder med dateret, målbart mål"),
            unit="share",
            scale=Ladder((0.10, 0.40, 0.70, 0.90), SHARE_END),
            weight=1.0,
            how=Lack("not_configured", _NO_PLANS),
            caveat=Text(
                "That an objective is written down does not make it the right one; a form filled in once a year would "
                "pass.",
                "At et mål er skrevet ned, gør det ikke til det rigtige; et skema, der udfyldes én gang om året, ville "
                "bestå.",
            ),
            remedy=_KEEP_PLANS,
        ),
        Indicator(
            key="updated_objectives",
            name=Text("Objectives followed up within 90 days", "Mål fulgt op inden for 90 dage"),
            unit="share",
            scale=Ladder((0.10, 0.30, 0.60, 0.85), SHARE_END),
            weight=1.0,
            how=Lack("not_configured", _NO_PLANS),
            caveat=Text(
                "A touched record is no follow-up; saving it again would count.",
                "At røre ved en post er ikke opfølgning; det tæller med, hvis man blot gemmer den igen.",
            ),
            remedy=_KEEP_PLANS,
        ),
        Indicator(
            key="revenue_target",
            name=Text("Key accounts with a revenue target for this year", "Nøglekunder med omsætningsmål for året"),
            unit="share",
            scale=Ladder((0.10, 0.40, 0.70, 0.95), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=NEVER_UNSEEN,
                needs=("feeds.targets",),
            ),
            caveat=Text(
                "Any number above zero counts as a target, also last year's plus three per cent for everybody.",
                "Ethvert tal over nul tæller som mål, også sidste års plus tre procent til alle.",
            ),
            remedy=Text(
                "Deliver the feed targets (kam.yaml: feeds: targets: file): account_id, year, target_amt.",
                "Levér filen med mål (kam.yaml: feeds: targets: file): account_id, year, target_amt.",
            ),
        ),
        Indicator(
            key="linked_objectives",
            name=Text("Objectives tied to a goal of the company", "Mål knyttet til et af virksomhedens mål"),
            unit="share",
            scale=Ladder((0.10, 0.40, 0.70, 0.90), SHARE_END),
            weight=0.5,
            how=Lack("not_configured", _NO_PLANS),
            caveat=Text(
                "Whether the goals fit the strategy, and whether people know it, no CRM can say. A default in the "
                "picklist would pass.",
                "Om målene passer til strategien, og om folk kender den, kan intet CRM sige. En forvalgt værdi i "
                "listen ville bestå.",
            ),
            remedy=_KEEP_PLANS,
        ),
    ),
)
