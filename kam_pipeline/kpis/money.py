"""The KPIs of money: bookings, revenue, growth, retention, profit.

What belongs here: the entries of this family. What does not: formulas (sql/marts/kpis).
"""

from kam_pipeline.kpis.definition import Kpi, ResampledRatio

_PORTFOLIO = (
    "Portfolios are as of the date: customers designated because they grew make the portfolio look as if it had grown."
)
_PORTFOLIO_DA = (
    "Porteføljen er opgjort pr. opgørelsesdatoen: kunder, der er udpeget, fordi de voksede, får den til at se ud, "
    "som om den er vokset."
)
_RETENTION = "Bookings are no subscriptions: read it as how much of last year's customers' business is still there."
_RETENTION_DA = (
    "Ordreindgang er ikke abonnementer: læs tallet som den del af forretningen med sidste års kunder, der stadig er "
    "der."
)
_COSTED = "Only months and accounts with known costs count."
_COSTED_DA = "Kun måneder og kunder med kendte omkostninger tæller med."

MONEY_KPIS = (
    Kpi(
        kpi="bookings_amt",
        name_en="Bookings",
        name_da="Ordreindgang",
        formula="Sum of the amounts of won deals, by close date",
        formula_da="Summen af vundne ordrers beløb, opgjort på lukkedato",
        unit="money",
        direction="up",
        basis="bookings",
        periods="flow",
        caveat="Signed orders, not invoiced revenue; credit notes count as negative.",
        caveat_da="Underskrevne ordrer, ikke faktureret omsætning; kreditnotaer tæller negativt.",
        is_headline=True,
    ),
    Kpi(
        kpi="revenue_amt",
        name_en="Revenue",
        name_da="Omsætning",
        formula="Sum of invoiced revenue over the whole months of the period",
        formula_da="Summen af faktureret omsætning i periodens hele måneder",
        unit="money",
        direction="up",
        basis="invoiced",
        periods="flow",
        needs=("feeds.actuals",),
    ),
    Kpi(
        kpi="growth_yoy",
        name_en="Growth on the year before",
        name_da="Vækst i forhold til året før",
        formula="Bookings of the period / bookings of the same days a year before - 1",
        formula_da="Periodens ordreindgang / ordreindgang de samme dage året før - 1",
        unit="ratio",
        direction="up",
        basis="bookings",
        periods="flow",
        resampled=ResampledRatio("marts.kpi_group_period", "bookings_amt", "base_amt", less=1),
        caveat="Descriptive. " + _PORTFOLIO,
        caveat_da="Beskrivende. " + _PORTFOLIO_DA,
        is_headline=True,
    ),
    Kpi(
        kpi="cagr_3y",
        name_en="Yearly growth over three years",
        name_da="Årlig vækst over tre år",
        formula="(Bookings of the last twelve months / bookings of the twelve months three years before)^(1/3) - 1",
        formula_da="(Ordreindgang seneste tolv måneder / ordreindgang de tolv måneder tre år før)^(1/3) - 1",
        unit="ratio",
        direction="up",
        basis="bookings",
        periods="ttm",
        caveat="Descriptive. " + _PORTFOLIO,
        caveat_da="Beskrivende. " + _PORTFOLIO_DA,
    ),
    Kpi(
        kpi="nrr",
        name_en="Net retention of customers",
        name_da="Nettofastholdelse",
        formula="Bookings now of the customers of a year before / their bookings then; new customers excluded",
        formula_da="Ordreindgang nu fra kunderne fra året før / deres ordreindgang dengang; nye kunder ikke medregnet",
        unit="ratio",
        direction="up",
        basis="bookings",
        periods="year",
        resampled=ResampledRatio("marts.kpi_group_period", "cohort_amt", "cohort_base_amt"),
        caveat=_RETENTION,
        caveat_da=_RETENTION_DA,
    ),
    Kpi(
        kpi="grr",
        name_en="Gross retention of customers",
        name_da="Bruttofastholdelse",
        formula="The same with every customer capped at its bookings then; at most 1",
        formula_da="Det samme, men hver kunde tæller højst med sin ordreindgang dengang; højst 1",
        unit="share",
        direction="up",
        basis="bookings",
        periods="year",
        resampled=ResampledRatio("marts.kpi_group_period", "cohort_kept_amt", "cohort_base_amt"),
        caveat=_RETENTION,
        caveat_da=_RETENTION_DA,
    ),
    Kpi(
        kpi="gross_margin_share",
        name_en="Gross margin",
        name_da="Dækningsgrad",
        formula="(Revenue - costs) / revenue, over the whole months of the period",
        formula_da="(Omsætning - omkostninger) / omsætning i periodens hele måneder",
        unit="ratio",
        direction="up",
        basis="revenue",
        periods="flow",
        resampled=ResampledRatio("marts.kpi_group_feed", "margin_amt", "costed_revenue_amt"),
        needs=("feeds.costs",),
        caveat=_COSTED,
        caveat_da=_COSTED_DA,
        is_headline=True,
    ),
    Kpi(
        kpi="profit_amt",
        name_en="Profit",
        name_da="Dækningsbidrag",
        formula="Revenue - costs, over the whole months of the period",
        formula_da="Omsætning - omkostninger i periodens hele måneder",
        unit="money",
        direction="up",
        basis="revenue",
        periods="flow",
        needs=("feeds.costs",),
        caveat="What the costs of the feed cover is profit before all other costs. " + _COSTED,
        caveat_da="Dækningsbidraget er før de omkostninger, som ikke er med i filen. " + _COSTED_DA,
        is_headline=True,
    ),
)
