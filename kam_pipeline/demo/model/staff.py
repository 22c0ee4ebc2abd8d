"""The staff of the company: how many users work in which function, and who reports to whom.

What belongs here: users by number. What does not: their names and the file (files/people.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import Floats, Ints
from kam_pipeline.demo.model.company import Company

FUNCTIONS = ("Management", "Sales Management", "Key Accounts", "Sales", "Engineering", "Service")
MANAGEMENT, SALES_MANAGEMENT, KEY_ACCOUNTS, SALES, ENGINEERING, SERVICE = range(len(FUNCTIONS))
_AT_LEAST = (4, 3, 5, 10, 6, 4)
_ACCOUNTS_EACH = (400, 200, 150, 40, 100, 150)
_AT_MOST = (8, 20, 60, 300, 80, 60)


@dataclass(frozen=True)
class Staff:
    """Users in the order of their function.

    Attributes
    ----------
    function : Ints
        Function of each user, a position in `FUNCTIONS`.
    first : tuple[int, ...]
        First user of each function.
    size : tuple[int, ...]
        Number of users of each function.
    manager : Ints
        User that each reports to; -1 for the head of the company.
    """

    function: Ints
    first: tuple[int, ...]
    size: tuple[int, ...]
    manager: Ints

    @property
    def count(self) -> int:
        """Number of users."""
        return len(self.function)

    def draw(self, function: int, chance: Floats) -> Ints:
        """Return users of one function, from numbers between 0 and 1."""
        return self.first[function] + (chance * self.size[function]).astype(np.int64)


def draw_staff(company: Company) -> Staff:
    """Return the staff of the company.

    Parameters
    ----------
    company : Company
        The frame.

    Returns
    -------
    Staff
        Users by function.
    """
    size = tuple(
        min(most, max(least, company.accounts // each))
        for least, each, most in zip(_AT_LEAST, _ACCOUNTS_EACH, _AT_MOST, strict=True)
    )
    first = tuple(sum(size[:function]) for function in range(len(size)))
    function = np.repeat(np.arange(len(size), dtype=np.int64), size)
    chance = company.rng("managers").random(len(function))
    to_head, to_sales = (
        first[kind] + (chance * size[kind]).astype(np.int64) for kind in (MANAGEMENT, SALES_MANAGEMENT)
    )
    manager = np.where(function <= SALES_MANAGEMENT, to_head, to_sales)
    manager[function == MANAGEMENT] = 0
    manager[0] = -1
    return Staff(function, first, size, manager)
