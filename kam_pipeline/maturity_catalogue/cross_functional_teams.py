"""Practice cross-functional teams: more than sales works with the key account, and the customer meets them."""

from kam_pipeline.maturity_catalogue.declaration import (
    NO_COUNTS,
    SHARE_END,
    Indicator,
    Lack,
    Ladder,
    Measure,
    Practice,
    Text,
)

_FILL_DEPARTMENT = Text(
    "Deliver User with Department, filled in for everybody who works with customers",
    "Levér User med Department, udfyldt for alle, der arbejder med kunder",
)

CROSS_FUNCTIONAL_TEAMS = Practice(
    key="cross_functional_teams",
    name=Text("Cross-functional teams", "Tværfunktionelle teams"),
    indicators=(
        Indicator(
            key="team_functions",
            name=Text("Functions on the account team", "Funktioner på kundeteamet"),
            unit="count",
            scale=Ladder((1, 2, 3, 4)),
            weight=1.0,
            how=Measure(
                sums_up="median",
                counted=NO_COUNTS,
                unseen=Text(
                    "A team whose members all lack a department cannot be judged.",
                    "Et team, hvor ingen medlemmer har en afdeling, kan ikke bedømmes.",
                ),
                needs=("AccountTeamMember", "User.Department"),
            ),
            caveat=Text(
                "Being on the team is not working in it. Adding colleagues to every team would lift the figure.",
                "At stå på teamet er ikke det samme som at arbejde i det. Tilføjer man kolleger til alle teams, "
                "stiger tallet.",
            ),
            remedy=Text(
                f"{_FILL_DEPARTMENT.en}, and AccountTeamMember.", f"{_FILL_DEPARTMENT.da}, og AccountTeamMember."
            ),
        ),
        Indicator(
            key="functions_in_touch",
            name=Text("Functions in touch within 90 days", "Funktioner i kontakt inden for 90 dage"),
            unit="count",
            scale=Ladder((0, 1, 2, 3)),
            weight=1.5,
            how=Measure(
                sums_up="median",
                counted=NO_COUNTS,
                unseen=Text(
                    "A key account whose contacts were all made by users without a department cannot be judged, and "
                    "none can where nothing is recorded in 90 days for any customer.",
                    "En nøglekunde, der kun er kontaktet af brugere uden afdeling, kan ikke bedømmes, og ingen kan, "
                    "når intet er registreret i 90 dage for nogen kunde.",
                ),
                needs=("Event.OwnerId|Task.OwnerId", "User.Department"),
            ),
            caveat=Text(
                "Service and engineering seldom work in the CRM, so this is a lower bound. An e-mail counts as much as "
                "a project.",
                "Service og teknik arbejder sjældent i CRM, så tallet er et minimum. En mail tæller lige så meget "
                "som et projekt.",
            ),
            remedy=Text(
                f"{_FILL_DEPARTMENT.en}, and let service and engineering record their customer contacts as well.",
                f"{_FILL_DEPARTMENT.da}, og lad også service og teknik registrere deres kundekontakter.",
            ),
        ),
        Indicator(
            key="internal_reviews",
            name=Text("Internal reviews per key account and year", "Interne gennemgange pr. nøglekunde og år"),
            unit="count",
            scale=Ladder((0, 1, 2, 4)),
            weight=1.0,
            how=Lack(
                "not_configured",
                Text(
                    "Nothing in kam.yaml says yet which events are internal reviews of an account.",
                    "Intet i kam.yaml fortæller endnu, hvilke møder der er interne kundegennemgange.",
                ),
            ),
            caveat=Text(
                "A meeting held is not a decision taken; short meetings called reviews would lift it.",
                "Et afholdt møde er ikke en truffet beslutning; korte møder med det rette navn løfter tallet.",
            ),
            remedy=Text(
                "Give internal account reviews an event type of their own in the CRM, so that a later version can "
                "count them.",
                "Giv interne kundegennemgange deres egen mødetype i CRM, så en senere version kan tælle dem.",
            ),
        ),
        Indicator(
            key="team_spirit",
            name=Text("Team spirit across functions", "Holdånd på tværs af funktioner"),
            unit="share",
            scale=Ladder((0.20, 0.40, 0.60, 0.80), SHARE_END),
            weight=0.5,
            how=Lack(
                "not_measurable",
                Text(
                    "Nothing in a CRM shows whether people pull together; research finds that it matters much.",
                    "Intet i et CRM viser, om folk trækker på samme hammel; ifølge forskningen betyder det meget.",
                ),
            ),
            caveat=Text(
                "Answers to a survey follow its wording, and who asks.",
                "Svar på en undersøgelse følger ordlyden, og hvem der spørger.",
            ),
            remedy=Text(
                "Ask the account teams once a year; this version reads no such survey.",
                "Spørg kundeteamene én gang om året; denne version læser ingen sådan undersøgelse.",
            ),
        ),
    ),
)
