"""Customer groups: how big each is, and how its accounts hang together.

What belongs here: heavy-tailed group sizes and hierarchies. What does not: what an account buys and when (deals.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import Floats, Ints
from kam_pipeline.demo.model.company import Company, choose

GROUP_SIGMA = 1.5
CHILD_SHARE = 0.25
_DRAWS_PER_GROUP = 64
_HEAD_SHARE = 3.0


@dataclass(frozen=True)
class Groups:
    """Accounts in a mixed order, with their group and parent.

    Attributes
    ----------
    size : Floats
        Buying power of each group, median about 1.
    group : Ints
        Group of each account.
    parent : Ints
        Parent of each account, -1 for the top of a group.
    share : Floats
        Part of the group's buying power that each account has.
    """

    size: Floats
    group: Ints
    parent: Ints
    share: Floats


def draw_groups(company: Company, accounts: int) -> Groups:
    """Return the groups of the accounts that carry no dirt.

    Parameters
    ----------
    company : Company
        The frame.
    accounts : int
        Number of such accounts.

    Returns
    -------
    Groups
        The largest groups tend to have the most accounts.
    """
    rng = company.rng("groups")
    children = round(accounts * CHILD_SHARE)
    tops = accounts - children
    size = np.exp(GROUP_SIGMA * _spread_normals(rng, tops))
    child_group = np.sort(choose(rng, size, children))
    group = np.concatenate([np.arange(tops, dtype=np.int64), child_group])
    parent = np.concatenate([np.full(tops, -1, dtype=np.int64), _parents(child_group, tops)])
    part = rng.gamma(1.2, 1.0, accounts) + 0.1
    part[:tops] += _HEAD_SHARE
    share = part / np.bincount(group, weights=part)[group]
    order = rng.permutation(accounts).astype(np.int64)
    place = np.argsort(order).astype(np.int64)
    parent = np.where(parent[order] < 0, -1, place[parent[order]])
    return Groups(size, group[order], parent, share[order])


def _spread_normals(rng: np.random.Generator, count: int) -> Floats:
    """Return normal numbers in a random order that follow the distribution closely even when they are few."""
    drawn = np.sort(rng.standard_normal(count * _DRAWS_PER_GROUP))
    spread: Floats = rng.permutation(drawn.reshape(count, _DRAWS_PER_GROUP).mean(axis=1))
    return spread


def _parents(child_group: Ints, tops: int) -> Ints:
    """Return the parent of each child; its children come after the tops, sorted by group.

    In its group the top is 0 and the children are 1, 2, ...: 1-2 hang below the top, 3-6 below those, 7-14 and all
    further ones below 3-6, so that a hierarchy has at most four levels.
    """
    count = len(child_group)
    start = np.searchsorted(child_group, child_group, side="left")
    ordinal = np.arange(count, dtype=np.int64) - start + 1
    above = np.where(ordinal < 15, (ordinal - 1) // 2, 3 + ordinal % 4)
    return np.where(above == 0, child_group, tops + start + above - 1).astype(np.int64)
