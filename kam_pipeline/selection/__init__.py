"""Selection: from the criteria in kam.yaml to the list, how firm it is, and what another file would make of it.

What belongs here: criteria and gates as queries and small tables, draws, the chain of models that ranks, comparing two
lists. What does not: the shape of the criteria (settings/), scoring and ranking themselves (sql/marts/candidate_*.sql).
"""
