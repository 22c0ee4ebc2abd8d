"""Practice data-driven insight: what decisions about key accounts need is known, recorded at once, and acted on."""

from kam_pipeline.maturity_catalogue.declaration import (
    SHARE_END,
    Indicator,
    Lack,
    Ladder,
    Measure,
    Practice,
    Text,
)

DATA_DRIVEN_INSIGHT = Practice(
    key="data_driven_insight",
    name=Text("Data-driven insight", "Datadrevet indsigt"),
    indicators=(
        Indicator(
            key="decision_fields_filled",
            name=Text("Fields for decisions that are filled in", "Udfyldte beslutningsfelter"),
            unit="share",
            scale=Ladder((0.30, 0.50, 0.70, 0.90), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="ratio",
                counted=Text("fields on key accounts", "felter på nøglekunder"),
                unseen=Text(
                    "Where the source has fewer than two of the four fields (industry, country, potential, id in "
                    "another system) there is too little to judge.",
                    "Har kilden færre end to af de fire felter (branche, land, potentiale, id i et andet system), er "
                    "der for lidt at bedømme efter.",
                ),
            ),
            caveat=Text(
                "Filled in is not correct, and only fields that the source has are counted. Default values in the form "
                "would pass.",
                "Udfyldt er ikke det samme som rigtigt, og kun felter, kilden har, tæller med. Forvalgte værdier i "
                "formularen ville bestå.",
            ),
            remedy=Text(
                "Map at least two of Account.Industry, BillingCountry, PotentialAmount and ExternalId in kam.yaml.",
                "Angiv mindst to af Account.Industry, BillingCountry, PotentialAmount og ExternalId i kam.yaml.",
            ),
        ),
        Indicator(
            key="recorded_in_time",
            name=Text("Activities recorded within two days", "Aktiviteter registreret inden for to dage"),
            unit="share",
            scale=Ladder((0.20, 0.40, 0.60, 0.80), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="ratio",
                counted=Text("meetings, calls and e-mails in twelve months", "møder, opkald og mails på tolv måneder"),
                unseen=Text(
                    "A key account without a completed activity that has a created stamp cannot be judged.",
                    "En nøglekunde uden en gennemført aktivitet med oprettelsestidspunkt kan ikke bedømmes.",
                ),
                needs=("Event.CreatedDate|Task.CreatedDate",),
            ),
            caveat=Text(
                "What was planned ahead counts as recorded in time; what was never recorded cannot be counted. Records "
                "moved from another system carry the day of the move. A date corrected afterwards would pass.",
                "Det, der var planlagt forud, tæller som rettidigt; det, der aldrig blev registreret, kan ikke tælles. "
                "Poster, der er flyttet fra et andet system, har flyttedagen som dato. En dato, der rettes bagefter, "
                "ville bestå.",
            ),
            remedy=Text(
                "Deliver Event and Task with CreatedDate and ActivityDate, or synchronise calendars and mail.",
                "Levér Event og Task med CreatedDate og ActivityDate, eller synkronisér kalendere og mail.",
            ),
        ),
        Indicator(
            key="buying_roles_known",
            name=Text("Deals with the customer's people named", "Salg med navngivne kontakter hos kunden"),
            unit="share",
            scale=Ladder((0.20, 0.40, 0.60, 0.80), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="ratio",
                counted=Text("deals open or closed within twelve months", "salg, åbne eller lukket inden for et år"),
                unseen=Text(
                    "A key account without an open deal or one closed in twelve months has nothing to judge.",
                    "For en nøglekunde uden et salg, der er åbent eller lukket inden for tolv måneder, er der intet at "
                    "bedømme.",
                ),
                needs=("OpportunityContactRole",),
                min_coverage=0.2,
            ),
            caveat=Text(
                "One contact is enough; whether it is the one who decides is not tested. A rule that always copies the "
                "first contact would pass.",
                "Én kontakt er nok; om det er den, der beslutter, prøves ikke. En regel, der altid kopierer den første "
                "kontakt, ville bestå.",
            ),
            remedy=Text(
                "Deliver OpportunityContactRole, and add the customer's people to each deal.",
                "Levér OpportunityContactRole, og tilføj kundens personer på hvert salg.",
            ),
        ),
        Indicator(
            key="forecast_error",
            name=Text("Forecast error over four quarters", "Prognosefejl over fire kvartaler"),
            unit="share",
            scale=Ladder((0.50, 0.30, 0.20, 0.10), 0.0),
            weight=1.0,
            how=Lack(
                "not_configured",
                Text(
                    "A forecast can only be judged as it stood before the quarter; that takes a year of nightly "
                    "snapshots, and a comparison that this version does not make.",
                    "En prognose kan kun bedømmes, som den så ud før kvartalet; det kræver et år med natlige "
                    "øjebliksbilleder og en sammenligning, som denne version ikke laver.",
                ),
            ),
            caveat=Text(
                "Holding back deals until they are certain makes forecasts exact and useless.",
                "Holder man salg tilbage, til de er sikre, bliver prognosen præcis og ubrugelig.",
            ),
            remedy=Text(
                "Let the pipeline run every night from now on, so that four quarters of forecasts are there.",
                "Lad systemet køre hver nat fra nu af, så der er fire kvartalers prognoser.",
            ),
        ),
        Indicator(
            key="signal_to_action",
            name=Text("Warnings followed by an action within 30 days", "Advarsler fulgt af handling inden for 30 dage"),
            unit="share",
            scale=Ladder((0.10, 0.30, 0.50, 0.75), SHARE_END),
            weight=0.5,
            how=Lack(
                "not_configured",
                Text(
                    "This version keeps no warnings that an action could be held against.",
                    "Denne version fører ingen advarsler, som en handling kan holdes op imod.",
                ),
            ),
            caveat=Text(
                "A task made by a rule would count as an action.",
                "En opgave oprettet af en regel ville tælle som handling.",
            ),
            remedy=Text(
                "Deliver Task with CreatedDate, and let the pipeline run every night; warnings come with a later "
                "version.",
                "Levér Task med CreatedDate, og lad systemet køre hver nat; advarsler kommer i en senere version.",
            ),
        ),
    ),
)
