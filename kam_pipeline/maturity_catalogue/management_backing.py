"""Practice management backing: our own managers stand behind key accounts, by name and in person."""

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

_MAP_SPONSOR = Text(
    "Map Account.ExecutiveSponsorId in kam.yaml (mapping: Account: fields: ExecutiveSponsorId) to the field with our "
    "sponsor.",
    "Angiv i kam.yaml (mapping: Account: fields: ExecutiveSponsorId) feltet med vores egen sponsor.",
)

MANAGEMENT_BACKING = Practice(
    key="management_backing",
    name=Text("Management backing", "Ledelsesopbakning"),
    indicators=(
        Indicator(
            key="sponsor_named",
            name=Text("Key accounts with a sponsor of ours", "Nøglekunder med en sponsor hos os"),
            unit="share",
            scale=Ladder((0.10, 0.40, 0.70, 0.90), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=NEVER_UNSEEN,
                needs=("Account.ExecutiveSponsorId",),
            ),
            caveat=Text(
                "A name in a field is no backing, and whether the sponsor is senior enough is not tested. One manager "
                "entered for everybody would pass.",
                "Et navn i et felt er ikke opbakning, og om sponsoren sidder højt nok, prøves ikke. Én leder skrevet "
                "på alle kunder ville bestå.",
            ),
            remedy=_MAP_SPONSOR,
        ),
        Indicator(
            key="sponsor_active",
            name=Text("Sponsored key accounts met by their sponsor", "Nøglekunder, som sponsoren har mødt"),
            unit="share",
            scale=Ladder((0.05, 0.25, 0.50, 0.75), SHARE_END),
            weight=2.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=Text(
                    "A key account without a sponsor cannot be judged, and none can where fewer than half of the "
                    "sponsors have recorded anything in twelve months: managers seldom write in the CRM.",
                    "En nøglekunde uden sponsor kan ikke bedømmes, og ingen kan, når færre end halvdelen af "
                    "sponsorerne har registreret noget i tolv måneder: ledere skriver sjældent i CRM.",
                ),
                needs=("Account.ExecutiveSponsorId", "Event.OwnerId|Task.OwnerId"),
            ),
            caveat=Text(
                "Only meetings that the sponsor owns in the last 180 days are seen, not those the sponsor was invited "
                "to: a lower bound. Entering the sponsor as owner of other people's meetings would lift it.",
                "Kun møder i de seneste 180 dage, som sponsoren selv står som ejer af, ses; ikke dem, sponsoren var "
                "inviteret til: tallet er et minimum. Sættes sponsoren som ejer af andres møder, stiger det.",
            ),
            remedy=Text(
                "Name sponsors on the accounts, and synchronise the sponsors' calendars with the CRM.",
                "Angiv sponsorer på kunderne, og synkronisér sponsorernes kalendere med CRM.",
            ),
        ),
        Indicator(
            key="executive_before_close",
            name=Text(
                "Large deals with an executive meeting before close", "Store salg med ledermøde inden afslutning"
            ),
            unit="share",
            scale=Ladder((0.05, 0.20, 0.40, 0.60), SHARE_END),
            weight=1.0,
            how=Lack(
                "not_configured",
                Text(
                    "Who took part in a meeting is in EventRelation, which this version does not read.",
                    "Hvem der deltog i et møde, står i EventRelation, som denne version ikke læser.",
                ),
            ),
            caveat=Text(
                "A courtesy call would count as much as a negotiation.",
                "Et høflighedsbesøg ville tælle lige så meget som en forhandling.",
            ),
            remedy=Text(
                "Invite executives to customer meetings in the CRM's calendar, so that EventRelation is there when a "
                "later version reads it.",
                "Indkald ledere til kundemøder i CRM-kalenderen, så EventRelation findes, når en senere version "
                "læser den.",
            ),
        ),
    ),
)
