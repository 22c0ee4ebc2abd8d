"""The maturity catalogue: the nine practices and their indicators, each declared once.

One module per practice; `declaration` has the form, `seniority` the patterns of titles. An indicator is added by an
entry here and, where it can be measured, an SQL file of the same name in `sql/marts/maturity`. Names, anchors, weights,
caveats and remedies in the published tables and the report come from here. Taking the nine practices as the dimensions
of maturity is this product's choice; anchors are judgement unless the entry names a source. Outcomes (growth, win rate,
satisfaction itself) are no indicators: a programme is not mature because its customers happen to grow.
"""

from kam_pipeline.maturity_catalogue.competence import COMPETENCE
from kam_pipeline.maturity_catalogue.cross_functional_teams import CROSS_FUNCTIONAL_TEAMS
from kam_pipeline.maturity_catalogue.customer_focus import CUSTOMER_FOCUS
from kam_pipeline.maturity_catalogue.data_driven_insight import DATA_DRIVEN_INSIGHT
from kam_pipeline.maturity_catalogue.declaration import Indicator, Practice
from kam_pipeline.maturity_catalogue.management_backing import MANAGEMENT_BACKING
from kam_pipeline.maturity_catalogue.measurement_and_learning import MEASUREMENT_AND_LEARNING
from kam_pipeline.maturity_catalogue.personal_relation import PERSONAL_RELATION
from kam_pipeline.maturity_catalogue.strategic_anchoring import STRATEGIC_ANCHORING
from kam_pipeline.maturity_catalogue.structures_and_tools import STRUCTURES_AND_TOOLS

PRACTICES: tuple[Practice, ...] = (
    CUSTOMER_FOCUS,
    STRATEGIC_ANCHORING,
    MANAGEMENT_BACKING,
    CROSS_FUNCTIONAL_TEAMS,
    STRUCTURES_AND_TOOLS,
    COMPETENCE,
    DATA_DRIVEN_INSIGHT,
    PERSONAL_RELATION,
    MEASUREMENT_AND_LEARNING,
)
"""The nine practices, in reading order."""

INDICATORS: dict[str, Indicator] = {
    indicator.key: indicator for practice in PRACTICES for indicator in practice.indicators
}
"""Every declared indicator by its key."""
