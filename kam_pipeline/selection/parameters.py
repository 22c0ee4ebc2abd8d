"""What the models of the selection are given of the criteria.

What belongs here: values of parameters. What does not: criteria as rows (criterion_tables.py).
"""

from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.warehouse import SqlValue


def criteria_parameters(criteria: Criteria) -> dict[str, SqlValue]:
    """Return the value of every parameter of a SQL model that the criteria give, by name."""
    capacity = criteria.capacity
    return {
        "cap": criteria.cap,
        "potential_percentile": criteria.admit_without_revenue_from_potential_percentile,
        "min_coverage": criteria.min_coverage,
        "override_max_share": criteria.overrides.max_share,
        "override_max_days": criteria.overrides.max_days,
        "max_accounts_per_manager": capacity.max_accounts_per_manager,
        "min_programme": capacity.min_programme,
        "max_programme": capacity.max_programme,
        "too_many": capacity.too_many,
    }
