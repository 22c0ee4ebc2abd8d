"""Ready criteria: complete lists to start from, written as in kam.yaml.

What belongs here: the lists and why they are what they are. What does not: their checking (criteria.py), scoring.
"""

from typing import Any, Literal

Preset = Literal["default", "rfm", "potential_first"]

PRESETS: dict[str, list[dict[str, Any]]] = {
    # Size first, over three years so that one lucky year does not decide; growth only of those that have some size.
    "default": [
        {
            "name": "revenue",
            "label": "revenue",
            "label_da": "omsætning",
            "metric": "revenue_mean_3y_amt",
            "transform": "log",
            "weight": 0.6,
        },
        {
            "name": "growth",
            "label": "growth",
            "label_da": "vækst",
            "metric": "revenue_growth",
            "transform": "percentile",
            "weight": 0.2,
            "counts_above_revenue_percentile": 0.5,
        },
        {
            "name": "potential",
            "label": "potential",
            "label_da": "potentiale",
            "metric": "potential_amt",
            "transform": "log",
            "weight": 0.2,
        },
    ],
    # Recency, frequency, monetary value: needs nothing but won deals. Money counts most, because a key account is dear.
    "rfm": [
        {
            "name": "recency",
            "label": "recency",
            "label_da": "seneste ordre",
            "metric": "days_since_won",
            "transform": "bands",
            "bands": [
                {"score": 1.0},
                {"at_least": 90, "score": 0.75},
                {"at_least": 180, "score": 0.5},
                {"at_least": 365, "score": 0.25},
                {"at_least": 730, "score": 0.0},
            ],
            "weight": 0.2,
        },
        {
            "name": "frequency",
            "label": "frequency",
            "label_da": "antal ordrer",
            "metric": "won_cnt",
            "transform": "log",
            "weight": 0.3,
        },
        {
            "name": "monetary",
            "label": "money",
            "label_da": "omsætning",
            "metric": "revenue_mean_3y_amt",
            "transform": "log",
            "weight": 0.5,
        },
    ],
    # What a customer could buy before what it buys: for growing a programme; needs the mapped potential.
    "potential_first": [
        {
            "name": "potential",
            "label": "potential",
            "label_da": "potentiale",
            "metric": "potential_amt",
            "transform": "log",
            "weight": 0.35,
        },
        {
            "name": "untapped",
            "label": "untapped potential",
            "label_da": "uudnyttet potentiale",
            "metric": "untapped_amt",
            "transform": "log",
            "weight": 0.15,
        },
        {
            "name": "revenue",
            "label": "revenue",
            "label_da": "omsætning",
            "metric": "revenue_mean_3y_amt",
            "transform": "log",
            "weight": 0.3,
        },
        {
            "name": "fit",
            "metric": "strategic_fit",
            "transform": "percentile",
            "weight": 0.2,
        },
    ],
}
