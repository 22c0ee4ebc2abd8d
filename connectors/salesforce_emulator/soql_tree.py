"""A SOQL query taken apart.

What belongs here: the values that the parser makes and the translation reads. What does not: either of the two.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Path:
    """A field, with the way to it: Name, Owner.Name; `position` is where it stands in the query."""

    parts: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        """As written."""
        return ".".join(self.parts)


@dataclass(frozen=True)
class Aggregate:
    """COUNT(x), SUM(x) and the like; `path` is None for COUNT()."""

    function: str
    path: Path | None
    alias: str
    position: int


@dataclass(frozen=True)
class FieldsOf:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM)."""

    which: str
    position: int


@dataclass(frozen=True)
class Value:
    """What a field is compared with.

    Attributes
    ----------
    kind : str
        string, number, boolean, null, date, datetime, or period for TODAY, LAST_N_DAYS:3 and the like.
    text : str
        What it says, of a string without quotes and escapes.
    position : int
        Where it stands.
    """

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class Comparison:
    """A field against one value; the operator is =, !=, <, <=, >, >= or LIKE."""

    path: Path
    operator: str
    value: Value


@dataclass(frozen=True)
class Membership:
    """A field against several values, or those that another query gives; the operator is IN, INCLUDES or EXCLUDES."""

    path: Path
    operator: str
    is_negated: bool
    values: "tuple[Value, ...] | Query"


@dataclass(frozen=True)
class Both:
    """Conditions that all hold (AND) or of which one does (OR)."""

    word: str
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Negation:
    """A condition that does not hold."""

    condition: "Condition"


Condition = Comparison | Membership | Both | Negation


@dataclass(frozen=True)
class Ordering:
    """One key of ORDER BY."""

    key: Path | Aggregate
    is_descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """One query, or one in brackets inside another.

    Attributes
    ----------
    selected : tuple
        Fields, aggregates, FIELDS(...) and queries of children, in the order written.
    source : str
        Object, or name of the way to the children.
    source_position, position : int
        Where the source and the query itself stand.
    """

    selected: "tuple[Path | Aggregate | FieldsOf | Query, ...]"
    source: str
    source_position: int
    position: int
    where: Condition | None = None
    group_by: tuple[Path, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    offset_position: int = 0
    is_all_rows: bool = False
    text: str = field(default="", repr=False)

    @property
    def is_count(self) -> bool:
        """Whether it is SELECT COUNT(), which has no records."""
        first = self.selected[0]
        return isinstance(first, Aggregate) and first.path is None

    @property
    def is_aggregate(self) -> bool:
        """Whether its rows are groups rather than records."""
        return bool(self.group_by) or any(isinstance(one, Aggregate) for one in self.selected)
