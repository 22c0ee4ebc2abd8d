"""Rules of a table: what its values may be, written one line each in the header of the table.

    rules  :
      verdict in relevant, borderline, not_relevant, insufficient_data
      top_share, largest_share between 0 and 1
      rank from 1
      group_id references core.account_group
      parent_id references core.account.account_id
      ci_low at most ci_high
      reason not null (warning)

A rule may speak of several columns. A null passes unless the rule says `not null`. A rule that is broken keeps the
date from being published, unless it ends with `(warning)`. What belongs here: the syntax. What does not: counting the
rows that break a rule (quality/contract_gates.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kam_pipeline.errors import ContractError

RuleKind = Literal["in", "between", "from", "references", "at_most", "not_null"]

_WARNING = "(warning)"
_NAMES = r"(?P<columns>[a-z_][a-z0-9_]*(?:\s*,\s*[a-z_][a-z0-9_]*)*)"
_NUMBER = r"-?\d+(?:\.\d+)?"
_FORMS: tuple[tuple[RuleKind, re.Pattern[str]], ...] = (
    ("not_null", re.compile(rf"^{_NAMES} not null$")),
    ("between", re.compile(rf"^{_NAMES} between (?P<low>{_NUMBER}) and (?P<high>{_NUMBER})$")),
    ("from", re.compile(rf"^{_NAMES} from (?P<low>{_NUMBER})$")),
    ("references", re.compile(rf"^{_NAMES} references (?P<table>[a-z]+\.[a-z0-9_]+)(?:\.(?P<target>[a-z0-9_]+))?$")),
    ("at_most", re.compile(rf"^{_NAMES} at most (?P<target>[a-z_][a-z0-9_]*)$")),
    ("in", re.compile(rf"^{_NAMES} in (?P<values>\S.*)$")),
)
_SUFFIX: dict[RuleKind, str] = {
    "in": "known",
    "between": "in_range",
    "from": "in_range",
    "references": "referenced",
    "at_most": "in_order",
    "not_null": "present",
}


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    text : str
        The rule as written, without the mark of a warning.
    kind : RuleKind
        `in` a list, `between` two numbers, `from` a number, `references` a table, `at_most` another column, `not_null`.
    columns : tuple[str, ...]
        Columns it holds for.
    is_warning : bool
        A break is reported and does not block.
    values : tuple[str, ...]
        Of `in`: what is allowed.
    low, high : float or None
        Of `between` and `from`: the bounds, themselves allowed.
    table : str
        Of `references`: the other table, as `layer.table`.
    target : str
        Of `references` the column there, of `at_most` the column that is not smaller.
    """

    text: str
    kind: RuleKind
    columns: tuple[str, ...]
    is_warning: bool = False
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    table: str = ""
    target: str = ""

    @property
    def name(self) -> str:
        """Name of the rule within its table: its first column and what is asked of it."""
        return f"{self.columns[0]}_{_SUFFIX[self.kind]}"


def parse_rules(lines: Sequence[str], known: Sequence[str], where: str) -> tuple[Rule, ...]:
    """Read the rules of a table.

    Parameters
    ----------
    lines : Sequence[str]
        One rule each.
    known : Sequence[str]
        Columns of the table.
    where : str
        File or module, for messages.

    Returns
    -------
    tuple[Rule, ...]
        In the order written; their names differ.

    Raises
    ------
    ContractError
        When a line is no rule, speaks of a column that is not there, or gives two rules one name.
    """
    rules = tuple(_rule(line, where) for line in lines)
    for rule in rules:
        named = {*rule.columns, *((rule.target,) if rule.kind == "at_most" else ())}
        unknown = sorted(named - set(known))
        if unknown:
            raise ContractError(f"{where}: the rule {rule.text!r} speaks of {', '.join(unknown)}, which is no column")
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContractError(f"{where}: two rules are called {', '.join(twice)}; put them into one, or reorder columns")
    return rules


def _rule(line: str, where: str) -> Rule:
    text = line.strip()
    is_warning = text.endswith(_WARNING)
    text = text.removesuffix(_WARNING).strip()
    for kind, form in _FORMS:
        match = form.match(text)
        if match:
            found = match.groupdict()
            columns = _listed(found["columns"])
            low, high = (float(found[name]) if found.get(name) else None for name in ("low", "high"))
            return Rule(
                text=text,
                kind=kind,
                columns=columns,
                is_warning=is_warning,
                values=_listed(found.get("values") or ""),
                low=low,
                high=high,
                table=found.get("table") or "",
                target=found.get("target") or (columns[0] if kind == "references" else ""),
            )
    raise ContractError(
        f"{where}: cannot read the rule {line.strip()!r}; see kam_pipeline/contract_rules.py for its form"
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())
