"""KPIs: each declared once, computed by one SQL file, shown with its status everywhere.

`definition` what an entry is, `money`, `deals`, `relations` the entries by family, `reasons` why a KPI is not
known, `catalogue` all of them together, `frames` the tables that SQL cannot make, `intervals` the resampling. What does
not belong here: formulas, which are in sql/marts/kpis/<kpi>.sql.
"""
