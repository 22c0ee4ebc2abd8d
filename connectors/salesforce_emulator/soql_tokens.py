"""Words of a SOQL query with the place of each, and refusals that point at one.

What belongs here: cutting a text into words, and the block with the pointer. What does not: what the words mean
together (soql_parser.py).
"""

import re
from dataclasses import dataclass

from connectors.salesforce_emulator.answers import RefusalError

LONGEST_QUERY = 100_000
_WORDS = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)(?![\w.]))
    | (?P<date>\d{4}-\d\d-\d\d(?![\w:.-]))
    | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.:]))
    | (?P<string>'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?)
    | (?P<operator><=|>=|!=|<>|=|<|>|\(|\)|,)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_AROUND = 60


@dataclass(frozen=True)
class Token:
    """One word.

    Attributes
    ----------
    kind : str
        name, string, number, date, datetime, operator or end.
    text : str
        As written; of a string what it stands for.
    position : int
        Where it begins, counted from 0.
    """

    kind: str
    text: str
    position: int

    def says(self, *words: str) -> bool:
        """Return whether it is one of these operators or keywords, in any letter case."""
        return self.kind in ("name", "operator") and self.text.upper() in words


def pointed(soql: str, position: int, message: str) -> str:
    """Return a message below the part of the query it is about, with a pointer at the place."""
    line_start = soql.rfind("\n", 0, position) + 1
    line_end = soql.find("\n", position)
    line = soql[line_start : len(soql) if line_end < 0 else line_end]
    column = position - line_start
    cut = max(0, column - _AROUND)
    row = soql.count("\n", 0, position) + 1
    shown = line[cut : column + _AROUND]
    return f"\n{shown}\n{' ' * (column - cut)}^\nERROR at Row:{row}:Column:{column + 1}\n{message}"


def refuse(soql: str, position: int, message: str, code: str = "MALFORMED_QUERY") -> RefusalError:
    """Return the refusal of a query because of what is at a place of it."""
    return RefusalError(code, pointed(soql, position, message))


def tokens_of(soql: str) -> list[Token]:
    """Return the words of a query, the last of kind `end`.

    Raises
    ------
    RefusalError
        MALFORMED_QUERY when there is something that is no word.
    """
    if len(soql) > LONGEST_QUERY:
        raise RefusalError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {LONGEST_QUERY:,} characters.")
    found: list[Token] = []
    position = 0
    while position < len(soql):
        match = _WORDS.match(soql, position)
        if match is None:
            raise refuse(soql, position, f"unexpected token: '{soql[position]}'")
        kind, text = str(match.lastgroup), match[0]
        if kind == "string":
            text = _unescaped(soql, position, text[1:-1])
        if kind != "space":
            found.append(Token(kind, text, position))
        position = match.end()
    return [*found, Token("end", "<EOF>", len(soql))]


def _unescaped(soql: str, position: int, text: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match[1].startswith("u") and len(match[1]) == 5:
            return chr(int(match[1][1:], 16))
        try:
            return _ESCAPES[match[1]]
        except KeyError:
            # LIKE patterns keep these escapes; the translation reads them.
            if match[1] in ("%", "_"):
                return match[0]
            raise refuse(soql, position + match.start() + 1, f"Illegal escape sequence \\{match[1]}") from None

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", character, text, flags=re.DOTALL)
