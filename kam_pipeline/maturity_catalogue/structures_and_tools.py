"""Practice structures and tools: plans that live, reviews with the customer, deals kept in order.

In the largest study (385 firms) formal structures as such did not help, so use weighs more than existence here.
"""

from kam_pipeline.maturity_catalogue.declaration import (
    SHARE_END,
    Indicator,
    Lack,
    Ladder,
    Measure,
    Practice,
    Text,
)

_NO_PLANS = Text(
    "This version does not read account plans.",
    "Denne version læser ikke kundeplaner.",
)
_KEEP_PLANS = Text(
    "Keep account plans in the CRM (Salesforce: AccountPlan, API 62 or later, or an object of your own) with a status "
    "and a date, so that they are there when a later version reads them.",
    "Før kundeplaner i CRM (Salesforce: AccountPlan, API 62 eller nyere, eller jeres eget objekt) med status og dato, "
    "så de findes, når en senere version læser dem.",
)

STRUCTURES_AND_TOOLS = Practice(
    key="structures_and_tools",
    name=Text("Structures and tools", "Strukturer og værktøjer"),
    indicators=(
        Indicator(
            key="active_plan",
            name=Text("Key accounts with an active plan", "Nøglekunder med en aktiv plan"),
            unit="share",
            scale=Ladder((0.10, 0.40, 0.70, 0.90), SHARE_END),
            weight=0.5,
            how=Lack("not_configured", _NO_PLANS),
            caveat=Text(
                "A plan in a drawer counts here; formal plans alone had no effect in the largest study.",
                "En plan i skuffen tæller her; formelle planer alene havde ingen effekt i den største undersøgelse.",
            ),
            remedy=_KEEP_PLANS,
        ),
        Indicator(
            key="fresh_plan",
            name=Text("Plans worked on within 90 days", "Planer, der er arbejdet med inden for 90 dage"),
            unit="share",
            scale=Ladder((0.10, 0.30, 0.60, 0.85), SHARE_END),
            weight=1.0,
            how=Lack("not_configured", _NO_PLANS),
            caveat=Text(
                "Saving a plan again without thinking would count as work.",
                "At gemme planen igen uden at tænke ville tælle som arbejde.",
            ),
            remedy=_KEEP_PLANS,
        ),
        Indicator(
            key="plan_actions_on_time",
            name=Text("Plan actions done by their due date", "Planens handlinger udført til tiden"),
            unit="share",
            scale=Ladder((0.20, 0.40, 0.60, 0.80), SHARE_END),
            weight=1.0,
            how=Lack("not_configured", _NO_PLANS),
            caveat=Text(
                "Easy actions and late due dates look like punctuality.",
                "Nemme handlinger og sene frister ligner punktlighed.",
            ),
            remedy=_KEEP_PLANS,
        ),
        Indicator(
            key="customer_reviews",
            name=Text("Reviews with the customer per year", "Statusmøder med kunden pr. år"),
            unit="count",
            scale=Ladder((0, 1, 2, 4)),
            weight=1.0,
            how=Lack(
                "not_configured",
                Text(
                    "Nothing in kam.yaml says yet which events are reviews with the customer.",
                    "Intet i kam.yaml fortæller endnu, hvilke møder der er statusmøder med kunden.",
                ),
            ),
            caveat=Text(
                "Any meeting could be called a review.",
                "Ethvert møde kan kaldes et statusmøde.",
            ),
            remedy=Text(
                "Give status and strategy meetings with customers an event type of their own in the CRM, so that a "
                "later version can count them.",
                "Giv status- og strategimøder med kunder deres egen mødetype i CRM, så en senere version kan tælle "
                "dem.",
            ),
        ),
        Indicator(
            key="pipeline_hygiene",
            name=Text("Open deals of key accounts that are in order", "Åbne salg til nøglekunder, der er i orden"),
            unit="share",
            scale=Ladder((0.50, 0.65, 0.80, 0.92), SHARE_END),
            weight=0.5,
            how=Measure(
                sums_up="ratio",
                counted=Text("checks of open deals", "tjek af åbne salg"),
                unseen=Text(
                    "A key account without an open deal has nothing to check.",
                    "En nøglekunde uden åbne salg kan ikke tjekkes.",
                ),
                min_coverage=0.2,
            ),
            caveat=Text(
                "Two checks per open deal: its close date lies ahead and it has an amount. Moving all dates to the end "
                "of the year would pass.",
                "To tjek pr. åbent salg: lukkedatoen er ikke overskredet, og der er et beløb. Flytter man alle datoer "
                "til årets udgang, består man.",
            ),
            remedy=Text(
                "Register deals with key accounts in the CRM while they are open.",
                "Registrér salg til nøglekunder i CRM, mens de er åbne.",
            ),
        ),
    ),
)
