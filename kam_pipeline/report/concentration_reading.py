"""Find how concentrated revenue is, how that moved, and how much hangs on a few customers, in the published file.

What belongs here: queries for one date into the shapes of contents.py. What does not: whether key account management is
right (reading.py), wording.
"""

from kam_pipeline.report.contents import Concentration, Dependence, DependenceVerdict, Interval, Trend
from kam_pipeline.report.figures import Both
from kam_pipeline.report.published import PublishedFile


def read_concentration(published: PublishedFile, basis: str) -> Concentration:
    """Return the metrics of the twelve months and the Lorenz curve, of groups or of accounts."""
    metrics = published.rows(
        "select metric, value, ci_low, ci_high, accounts_cnt from revenue_concentration "
        "where as_of_date = $day and basis = $basis and window_months = 12 order by metric",
        basis=basis,
    )
    points = published.rows(
        "select account_share, revenue_share from lorenz_curve "
        "where as_of_date = $day and basis = $basis and window_months = 12 "
        "and account_share is not null and revenue_share is not null order by point",
        basis=basis,
    )
    return Concentration(
        metrics={
            row["metric"]: Interval(row["value"], row["ci_low"], row["ci_high"], row["accounts_cnt"] or 0)
            for row in metrics
        },
        points=tuple((row["account_share"], row["revenue_share"]) for row in points),
    )


def read_trend(published: PublishedFile) -> tuple[Trend, ...]:
    """Return what the top 10 % of groups brought at the snapshot before and about a year before, each date once."""
    rows = published.rows(
        """
        select compared_as_of_date, earlier_value, is_apart from concentration_trend
        where as_of_date = $day and basis = 'group' and metric = 'top_10_pct_share' and status = 'measured'
        qualify row_number() over (partition by compared_as_of_date order by comparison) = 1
        order by compared_as_of_date desc
        """
    )
    return tuple(Trend(**row) for row in rows)


def read_dependence_verdict(published: PublishedFile) -> DependenceVerdict | None:
    """Return whether too much hangs on a few groups, None where the publication does not say."""
    rows = published.rows(
        "select verdict, reason, reason_da from kam_dependence where as_of_date = $day and basis = 'group'"
    )
    found = (DependenceVerdict(row["verdict"], Both(row["reason"], row["reason_da"])) for row in rows)
    return next(found, None)


def read_dependence(published: PublishedFile) -> tuple[Dependence, ...]:
    """Return how much hangs on a few groups, measure by measure."""
    rows = published.rows(
        "select test, value, band, reason, reason_da from dependence_risk "
        "where as_of_date = $day and basis = 'group' "
        "order by list_position(['largest_share', 'cr_3', 'cr_5', 'hhi'], test), test"
    )
    return tuple(
        Dependence(row["test"], row["value"], row["band"], Both(row["reason"], row["reason_da"])) for row in rows
    )
