"""The data dictionary, written from the contracts: `python -m kam_pipeline.data_dictionary --write FILE`.

What belongs here: the page. What does not: the meaning of a column, which stands in the table's own header.
"""

import argparse
import re
import sys
from pathlib import Path

from kam_pipeline.contracts import TableContract
from kam_pipeline.kpis.catalogue import KPIS
from kam_pipeline.kpis.definition import Kpi
from kam_pipeline.tables import published_contracts, tables


def dictionary_text() -> str:
    """Return the data dictionary as Markdown: what readers get first, then what it is made from."""
    published = published_contracts()
    inner = [table.contract for table in tables().values() if not table.contract.is_published]
    lines = [
        "# Data dictionary",
        "",
        "Written from the headers of the SQL models and Python tables by `make dictionary`; do not edit by hand.",
        "",
        "Money (`_amt`) is in the reporting currency of the snapshot. Revenue is on the basis that `snapshot` names "
        "(`revenue_basis`), KPIs on that of `kpi_definition`. Shares are 0..1; `_on` is a date, `_at` a UTC timestamp. "
        "Every dated table has one set of rows per `as_of_date`, the exclusive end of its windows.",
        "",
        "## Published tables: schema `kam`",
        "",
        *_sections(published, "kam"),
        "## KPIs",
        "",
        "Each is declared once in `kam_pipeline/kpis` and computed by `sql/marts/kpis/<kpi>.sql`; the table "
        "`kpi_definition` holds the same.",
        "",
        *kpi_lines(),
        "",
        "## Inside the warehouse",
        "",
        *_sections(sorted(inner, key=lambda contract: (_depth(contract), contract.name)), None),
    ]
    return "\n".join(lines).rstrip() + "\n"


def kpi_lines() -> list[str]:
    """Return all KPIs as the lines of a Markdown table."""
    return [
        "| kpi | name | formula | unit | periods | interval | caveat |",
        "|---|---|---|---|---|---|---|",
        *(_kpi_line(kpi) for kpi in KPIS),
    ]


def _kpi_line(kpi: Kpi) -> str:
    name = f"{kpi.name_en} / {kpi.name_da}"
    formula = re.sub(r"\{(\w+)\}", r"`kpis.\1`", kpi.formula)
    cells = (f"`{kpi.kpi}`", name, formula, kpi.unit, kpi.periods, kpi.interval, kpi.caveat)
    return f"| {' | '.join(cells)} |"


def _depth(contract: TableContract) -> int:
    return ("raw", "staging", "core", "marts", "published").index(contract.layer)


def _sections(contracts: list[TableContract], schema: str | None) -> list[str]:
    lines = []
    for contract in contracts:
        name = f"{schema}.{contract.name}" if schema else contract.full_name
        lines += [
            f"### {name}",
            "",
            contract.description,
            f"Key: {', '.join(f'`{column}`' for column in contract.key)}.",
            *_rule_lines(contract),
            "",
            "| column | type | meaning |",
            "|---|---|---|",
            *(f"| `{column.name}` | {column.type} | {column.description} |" for column in contract.columns),
            "",
        ]
    return lines


def _rule_lines(contract: TableContract) -> list[str]:
    """Return what the values of a table may be, as one line, or none."""
    if not contract.rules:
        return []
    rules = (f"{rule.text}{' (warning)' if rule.is_warning else ''}" for rule in contract.rules)
    return [f"Rules: {'; '.join(rules)}."]


def main(arguments: list[str]) -> int:
    """Write the page, or check that it is up to date; return the exit code."""
    parser = argparse.ArgumentParser(description="Write or check the data dictionary.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, metavar="FILE")
    action.add_argument("--check", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    text = dictionary_text()
    if chosen.write:
        chosen.write.write_text(text, encoding="utf-8")
        return 0
    if chosen.check.exists() and chosen.check.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{chosen.check}: differs from the table headers; run `make dictionary`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
