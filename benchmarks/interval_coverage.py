"""How often the 95 % intervals of concentration contain the truth, in made-up worlds whose truth is known.

    .venv/bin/python benchmarks/interval_coverage.py [--worlds 2000] [--draws 1000]

Draws populations of 40, 100 and 400 customers with lognormal revenue (sigma 1.0 and 1.4), gives each its intervals, and
counts how many contain the measure of the distribution they were drawn from. Beside the studentised interval of
kam_pipeline/resampling.py stands the plain percentile interval of the top-10 % share. Writes
results/interval_coverage.md; the method page quotes it.

What belongs here: the worlds and the counting. What does not: the interval.
"""

import argparse
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np

from kam_pipeline.resampling import SHARES, FloatArray, Population, bootstrap_intervals, draw_counts, estimates

RESULTS = Path(__file__).resolve().parent / "results" / "interval_coverage.md"
SIGMAS, SIZES = (1.0, 1.4), (40, 100, 400)
SHOWN = ("top_5_pct_share", "top_10_pct_share", "top_20_pct_share", "gini", "gini_corrected", "theil")


def lognormal_truth(sigma: float) -> dict[str, float]:
    """Return each measure of lognormal revenue, from its closed form."""
    normal = NormalDist()
    gini = 2 * normal.cdf(sigma / math.sqrt(2)) - 1
    shares = {name: normal.cdf(sigma - normal.inv_cdf(1 - percent / 100)) for name, percent in SHARES.items()}
    return {**shares, "gini": gini, "gini_corrected": gini, "theil": sigma**2 / 2}


def percentile_interval(revenue: FloatArray, draws: int) -> tuple[float, float]:
    """Return Efron's percentile interval of the top-10 % share."""
    population = Population.of(revenue)
    counts = draw_counts(np.random.default_rng(population.seed), draws, population.n)
    low, high = np.percentile(estimates(population, counts)["top_10_pct_share"][0], (2.5, 97.5))
    return float(low), float(high)


def coverage(sigma: float, n: int, worlds: int, draws: int) -> tuple[dict[str, float], float]:
    """Return how many of the worlds have the truth inside: by measure, and of the percentile interval.

    Parameters
    ----------
    sigma : float
        Of the logarithm of revenue.
    n : int
        Customers in a world.
    worlds, draws : int
        How many worlds, and resamples in each.

    Returns
    -------
    tuple[dict[str, float], float]
        Shares 0..1.
    """
    truth = lognormal_truth(sigma)
    generator = np.random.default_rng([int(10 * sigma), n])
    inside, plain = dict.fromkeys(SHOWN, 0), 0
    for _ in range(worlds):
        revenue = generator.lognormal(10, sigma, n)
        intervals = bootstrap_intervals(revenue, draws)
        for metric in SHOWN:
            low, high = intervals.get(metric, (math.nan, math.nan))
            inside[metric] += low <= truth[metric] <= high
        low, high = percentile_interval(revenue, draws)
        plain += low <= truth["top_10_pct_share"] <= high
    return {metric: hits / worlds for metric, hits in inside.items()}, plain / worlds


def main() -> None:
    """Simulate, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=1000)
    given = parser.parse_args()
    lines = [
        f"Share of {given.worlds:,} worlds whose nominal 95 % interval ({given.draws:,} resamples) contains the truth.",
        "",
        f"| sigma | n | top 10 %, plain percentile | {' | '.join(SHOWN)} |",
        "|---" * (len(SHOWN) + 3) + "|",
    ]
    for sigma in SIGMAS:
        for n in SIZES:
            inside, plain = coverage(sigma, n, given.worlds, given.draws)
            figures = " | ".join(f"{inside[metric]:.3f}" for metric in SHOWN)
            lines.append(f"| {sigma} | {n} | {plain:.3f} | {figures} |")
            print(lines[-1], flush=True)
    RESULTS.write_text("# Coverage of the intervals of concentration\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
