"""Practice customer focus: few and clearly named customers, chosen by what they are worth, who get the effort."""

from kam_pipeline.maturity_catalogue.declaration import (
    DESIGNATE,
    NO_ACTIVITY_UNSEEN,
    NO_COUNTS,
    RECORD_MEETINGS,
    SHARE_END,
    Bands,
    Indicator,
    Lack,
    Ladder,
    Measure,
    Practice,
    Text,
)

_NO_REVENUE = Text(
    "Without any won revenue in the last twelve months there is nothing to hold the list against.",
    "Uden vunden omsætning i de seneste tolv måneder er der intet at holde listen op imod.",
)

CUSTOMER_FOCUS = Practice(
    key="customer_focus",
    name=Text("Sharp customer focus", "Skarpt kundefokus"),
    indicators=(
        Indicator(
            key="explicit_designation",
            name=Text(
                "Largest customers that are named as key accounts", "Største kunder, der er udpeget som nøglekunder"
            ),
            unit="share",
            scale=Ladder((0.20, 0.50, 0.80, 0.95), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=Text("customers in the top 20 % by revenue", "kunder blandt de 20 % største"),
                unseen=_NO_REVENUE,
                observes="customer",
            ),
            caveat=Text(
                "A mark is not care, and not every large customer must be a key account. Marking all large customers "
                "overnight lifts this figure and changes nothing; focus size and effort show it.",
                "Et flueben er ikke pleje, og ikke alle store kunder skal være nøglekunder. Tallet løftes af at "
                "markere alle store kunder fra den ene dag til den anden; antallet af nøglekunder og indsatsen "
                "afslører det.",
            ),
            remedy=DESIGNATE,
        ),
        Indicator(
            key="list_agreement",
            name=Text("Named list and proposed list agree", "Udpeget og foreslået liste stemmer overens"),
            unit="share",
            scale=Ladder((0.2, 0.4, 0.6, 0.8), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=Text("customers on either list", "kunder på mindst én af listerne"),
                unseen=_NO_REVENUE,
                observes="customer",
            ),
            caveat=Text(
                "The proposed list is only as good as the criteria in kam.yaml; a deliberate exception counts as "
                "disagreement. Copying the proposal without thinking gives full marks.",
                "Den foreslåede liste er kun så god som kriterierne i kam.yaml; en bevidst undtagelse tæller som "
                "uenighed. Kopierer man forslaget ukritisk, får man topkarakter.",
            ),
            remedy=DESIGNATE,
        ),
        Indicator(
            key="focus_size",
            name=Text("Number of key accounts", "Antal nøglekunder"),
            unit="count",
            scale=Bands(
                bands=((15, 35), (10, 50), (1, 75), (1, 100)),
                small_shares=(0.10, 0.20, 0.30, 0.50),
            ),
            weight=1.0,
            how=Measure(
                sums_up="count",
                counted=Text(
                    "key accounts among {whole} customers with revenue",
                    "nøglekunder blandt {whole} kunder med omsætning",
                ),
                unseen=_NO_REVENUE,
            ),
            caveat=Text(
                "The right number depends on what it costs to serve a key account. In a company with fewer than about "
                "150 customers a share of them is the measure. Cutting the list to fit says nothing of how those on it "
                "are served.",
                "Det rette antal afhænger af, hvad en nøglekunde koster at betjene. Har virksomheden færre end cirka "
                "150 kunder, måles der på en andel af dem. At skære listen til siger intet om, hvordan de "
                "tilbageværende betjenes.",
            ),
            remedy=DESIGNATE,
            source=Text(
                "McDonald & Woodburn: 15-35 work, above 50 is too many; small companies at most 10 % (judgement)",
                "McDonald & Woodburn: 15-35 fungerer, over 50 er for mange; små virksomheder højst 10 % (skøn)",
            ),
        ),
        Indicator(
            key="list_kept_alive",
            name=Text("Days since the list was last changed", "Dage siden listen sidst blev ændret"),
            unit="days",
            scale=Ladder((730, 548, 365, 185), 0),
            weight=0.5,
            how=Lack(
                "not_configured",
                Text(
                    "When the key-account mark was last changed is in the CRM's field history, which this version "
                    "does not read.",
                    "Hvornår markeringen af nøglekunder sidst blev ændret, står i CRM-systemets felthistorik, som "
                    "denne version ikke læser.",
                ),
            ),
            caveat=Text(
                "A list can be right and unchanged. Switching a mark off and on again would look like a review.",
                "En liste kan være rigtig uden at være ændret. At slå en markering fra og til ligner en gennemgang.",
            ),
            remedy=Text(
                "Switch on field history for the key-account field now, so that AccountHistory is there when a later "
                "version reads it.",
                "Slå felthistorik til for nøglekundefeltet nu, så AccountHistory findes, når en senere version "
                "læser den.",
            ),
        ),
        Indicator(
            key="effort_follows_value",
            name=Text("Share of meetings over share of revenue", "Andel af møder i forhold til andel af omsætning"),
            unit="ratio",
            scale=Ladder((0.5, 0.8, 1.0, 1.2)),
            weight=1.0,
            how=Measure(
                sums_up="ratio",
                counted=NO_COUNTS,
                unseen=NO_ACTIVITY_UNSEEN,
                needs=("Event|Task",),
            ),
            caveat=Text(
                "Meetings are recorded more carefully for important customers, so this flatters. Splitting one meeting "
                "into two would lift it.",
                "Møder registreres omhyggeligere hos vigtige kunder, så tallet pynter på "
                "virkeligheden. Deler man ét møde i to, stiger det.",
            ),
            remedy=RECORD_MEETINGS,
        ),
        Indicator(
            key="load_per_owner",
            name=Text("Key accounts per responsible owner", "Nøglekunder pr. ansvarlig"),
            unit="count",
            scale=Ladder((25, 15, 10, 5), 1),
            weight=1.0,
            how=Measure(
                sums_up="median",
                counted=NO_COUNTS,
                unseen=Text(
                    "A key account without an owner cannot be judged.",
                    "En nøglekunde uden ansvarlig kan ikke bedømmes.",
                ),
                needs=("Account.OwnerId",),
            ),
            caveat=Text(
                "Seen from the customer: how many key accounts its owner has. Other customers of the owner are not "
                "counted, and accounts moved to colleagues on paper look like relief. Not meant for comparing people.",
                "Set fra kunden: hvor mange nøglekunder dens ansvarlige har. Den ansvarliges øvrige kunder tæller ikke "
                "med, og kunder, der flyttes på papiret, ligner en lettelse. Ikke beregnet til at sammenligne "
                "medarbejdere.",
            ),
            remedy=Text(
                "Deliver Account.OwnerId, and give every key account an owner.",
                "Levér Account.OwnerId, og giv hver nøglekunde en ansvarlig.",
            ),
            source=Text(
                "vendor guides: 3 to 15 accounts per manager",
                "leverandørers vejledninger: 3 til 15 kunder pr. ansvarlig",
            ),
        ),
    ),
)
