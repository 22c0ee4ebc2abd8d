"""All KPIs, in the order in which readers see them.

What belongs here: the list. What does not: the entries, which stand with their family.
"""

from kam_pipeline.kpis.deals import DEAL_KPIS
from kam_pipeline.kpis.definition import Kpi
from kam_pipeline.kpis.money import MONEY_KPIS
from kam_pipeline.kpis.relations import RELATION_KPIS

KPIS: tuple[Kpi, ...] = (*MONEY_KPIS, *DEAL_KPIS, *RELATION_KPIS)
