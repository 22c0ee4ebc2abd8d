"""Practice measurement and learning: results are known per key account, customers are asked, losses are understood."""

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

_FEED_COSTS = Text(
    "Deliver the feeds costs and satisfaction (kam.yaml: feeds: costs: file; feeds: satisfaction: file).",
    "Levér filerne med omkostninger og tilfredshed (kam.yaml: feeds: costs: file; feeds: satisfaction: file).",
)
_FEED_SATISFACTION = Text(
    "Deliver the feed satisfaction (kam.yaml: feeds: satisfaction: file): account_id, surveyed_on, score; a row "
    "without a score is a customer who was asked and did not answer.",
    "Levér filen med tilfredshed (kam.yaml: feeds: satisfaction: file): account_id, surveyed_on, score; en række uden "
    "score er en kunde, der blev spurgt og ikke svarede.",
)

MEASUREMENT_AND_LEARNING = Practice(
    key="measurement_and_learning",
    name=Text("Measurement and learning", "Målinger og læring"),
    indicators=(
        Indicator(
            key="three_figures_known",
            name=Text("Growth, margin and satisfaction are known", "Vækst, dækningsgrad og tilfredshed er kendt"),
            unit="share",
            scale=Ladder((0.05, 0.25, 0.50, 0.80), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=NEVER_UNSEEN,
                needs=("feeds.costs", "feeds.satisfaction"),
            ),
            caveat=Text(
                "Known is not used, and one answer in a year is enough. A customer without revenue the year before "
                "has no growth and counts against. Whether the figures are good plays no part.",
                "Kendt er ikke det samme som brugt, og ét svar på et år er nok. En kunde uden omsætning året før har "
                "ingen vækst og tæller imod. Om tallene er gode, spiller ingen rolle.",
            ),
            remedy=_FEED_COSTS,
        ),
        Indicator(
            key="surveyed",
            name=Text("Key accounts that answered a survey in a year", "Nøglekunder, der har svaret inden for et år"),
            unit="share",
            scale=Ladder((0.10, 0.30, 0.60, 0.85), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=NEVER_UNSEEN,
                needs=("feeds.satisfaction",),
            ),
            caveat=Text(
                "One answer is not the customer's opinion, and asking only friends gives answers too.",
                "Ét svar er ikke kundens mening, og spørger man kun vennerne, får man også svar.",
            ),
            remedy=_FEED_SATISFACTION,
        ),
        Indicator(
            key="loss_reasons",
            name=Text("Lost deals with a reason", "Tabte salg med en årsag"),
            unit="share",
            scale=Ladder((0.30, 0.50, 0.70, 0.90), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="ratio",
                counted=Text("deals lost in twelve months", "salg tabt på tolv måneder"),
                unseen=Text(
                    "A key account that lost no deal in twelve months has nothing to judge.",
                    "For en nøglekunde uden et tabt salg i tolv måneder er der intet at bedømme.",
                ),
                needs=("Opportunity.LossReason",),
                min_coverage=0.2,
            ),
            caveat=Text(
                "A reason given is not the true one. A picklist whose first value is taken every time would pass.",
                "En angivet årsag er ikke den sande. En liste, hvor den første værdi altid vælges, ville bestå.",
            ),
            remedy=Text(
                "Map Opportunity.LossReason in kam.yaml, and close lost deals with a reason.",
                "Angiv Opportunity.LossReason i kam.yaml, og luk tabte salg med en årsag.",
            ),
        ),
        Indicator(
            key="win_loss_review",
            name=Text("Closed deals reviewed within 30 days", "Lukkede salg gennemgået inden for 30 dage"),
            unit="share",
            scale=Ladder((0.05, 0.20, 0.40, 0.70), SHARE_END),
            weight=0.5,
            how=Lack(
                "not_configured",
                Text(
                    "Nothing in kam.yaml says yet where win and loss reviews are kept.",
                    "Intet i kam.yaml fortæller endnu, hvor gennemgange af vundne og tabte salg ligger.",
                ),
            ),
            caveat=Text(
                "A note written is not a lesson learned.",
                "Et notat er ikke det samme som at have lært noget.",
            ),
            remedy=Text(
                "Keep the review as a dated field or task on the deal, so that a later version can find it.",
                "Før gennemgangen som et dateret felt eller en opgave på salget, så en senere version kan finde den.",
            ),
        ),
        Indicator(
            key="measurement_continuity",
            name=Text("Months with a measurement in the last twelve", "Måneder med måling af de seneste tolv"),
            unit="count",
            scale=Ladder((3, 6, 9, 11), 12),
            weight=1.0,
            how=Measure(
                sums_up="count",
                counted=Text(
                    "of the last {whole} months have a measurement", "af de seneste {whole} måneder har en måling"
                ),
                unseen=Text(
                    "Months before the first publication cannot be judged: nobody knows what was measured then.",
                    "Måneder før den første publicering kan ikke bedømmes: ingen ved, hvad der blev målt dengang.",
                ),
                observes="month",
            ),
            caveat=Text(
                "It counts the publications of this pipeline, not whether anybody read them; dates computed afterwards "
                "do not count. A schedule alone gives full marks.",
                "Det tæller dette systems publiceringer, ikke om nogen læste dem; datoer beregnet bagefter tæller "
                "ikke. En tidsplan alene giver topkarakter.",
            ),
            remedy=Text(
                "Let the pipeline run and publish at least once a month; after half a year it can be judged.",
                "Lad systemet køre og publicere mindst én gang om måneden; efter et halvt år kan det bedømmes.",
            ),
        ),
    ),
)
