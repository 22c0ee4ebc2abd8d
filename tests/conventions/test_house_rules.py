"""House rules that can be read off the files; each failure names the violator."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("kam_pipeline", "assets", "connectors")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
SQL_FILES = sorted((ROOT / "sql").rglob("*.sql"))
MAX_MODULE_LINES = 300
# May shrink, never grow.
LONG_MODULES: dict[str, int] = {}
MAX_FUNCTION_LINES = 60
MAX_SQL_LINES = 160
BOOKKEEPING = {"raw.load", "raw.duplicate", "raw.field_presence"}


def named(path):
    return path.relative_to(ROOT).as_posix()


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def query_of(path):
    """The query without its header, comments and strings."""
    text = path.read_text(encoding="utf-8").partition("*/")[2]
    return re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", text))


def code_lines(node):
    """Lines of a function without its docstring."""
    docstring = 0
    if ast.get_docstring(node):
        first = node.body[0]
        docstring = first.end_lineno - first.lineno + 1
    return node.end_lineno - node.lineno + 1 - docstring


def attributes(tree):
    """Every dotted name that is used or imported, such as datetime.now."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def uses(paths, pattern):
    return [
        f"{named(path)}:{line} {text}"
        for path in paths
        for text, line in attributes(tree_of(path))
        if re.search(pattern, text)
    ]


# --- Python ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_module_opens_with_what_it_is_for(path):
    docstring = ast.get_docstring(tree_of(path))
    assert docstring, f"{named(path)} opens without a docstring"
    assert docstring[0].isupper() or docstring.startswith("`")


def test_no_module_is_too_long():
    lines = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: n for name, n in lines.items() if n > LONG_MODULES.get(name, MAX_MODULE_LINES)} == {}


def test_no_function_is_too_long():
    long = {
        f"{named(path)}:{node.lineno} {node.name}": code_lines(node)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and code_lines(node) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_only_the_command_line_and_dagster_know_what_time_it_is():
    clock = r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic|localtime|gmtime))$"
    # the emulator's clock is that of a server far away
    elsewhere = ("kam_pipeline/cli.py", "kam_pipeline/cli_alerts.py", "connectors/salesforce_emulator/clock.py")
    inside = [path for path in MODULES if named(path) not in elsewhere and path.parts[-2] != "assets"]
    assert uses(inside, clock) == []


def test_only_the_settings_read_the_environment():
    outside = [path for path in MODULES if not named(path).startswith("kam_pipeline/settings/")]
    assert uses(outside, r"^os\.(environ|getenv|environb|putenv)") == []


def test_no_random_draw_without_a_seed():
    assert uses(MODULES, r"(^|\.)random\.(seed|random|choice|shuffle|randint|rand|normal|permutation)$") == []
    unseeded = [
        f"{named(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("default_rng", "random.Random"))
        and not node.args
        and not node.keywords
    ]
    assert unseeded == []


def test_only_the_presentation_prints_and_no_error_is_swallowed():
    found = []
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception"):
                found.append(f"{named(path)}:{node.lineno} catches everything")
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print" and path.stem != "presentation":
                found.append(f"{named(path)}:{node.lineno} prints")
    assert found == []


# --- SQL -------------------------------------------------------------------------------------------------------------


def last_select(query):
    """The text from the last SELECT outside all brackets."""
    depth, start = 0, 0
    for match in re.finditer(r"[()]|\bselect\b", query):
        if match[0] == "select":
            start = match.start() if depth == 0 else start
        else:
            depth += 1 if match[0] == "(" else -1
    return query[start:]


@pytest.mark.parametrize("path", SQL_FILES, ids=named)
def test_a_model_is_one_select_without_clock_templates_or_definitions(path):
    query = query_of(path)
    forbidden = {
        "a star in the last SELECT": re.search(r"\bselect\s+(?:distinct\s+)?(?:\w+\.)?\*", last_select(query)),
        "the clock": re.search(
            r"\b(?:now|today|get_current_timestamp)\s*\(|\bcurrent_(?:date|time|timestamp)\b", query
        ),
        "randomness": re.search(r"\b(?:random|uuid|gen_random_uuid)\s*\(", query),
        "a template": re.search(r"\{\{|\{%", path.read_text(encoding="utf-8")),
        "a definition": re.search(r"\b(?:create|drop|alter|insert|update|delete|attach|copy|pragma|set)\b\s+\w", query),
        "a second statement": ";" in query,
        "capital keywords": re.search(r"\b(?:SELECT|FROM|WHERE|JOIN|GROUP BY)\b", query),
    }
    assert [what for what, found in forbidden.items() if found] == []


@pytest.mark.parametrize("path", [path for path in SQL_FILES if path.parent.name != "staging"], ids=named)
def test_only_staging_reads_raw_records(path):
    assert set(re.findall(r'\braw\."?\w+"?', query_of(path))) - BOOKKEEPING == set()


def test_no_model_is_too_long():
    # but for the rules of its header, which make no query harder to read
    texts = {named(path): path.read_text(encoding="utf-8") for path in SQL_FILES}
    lines = {name: len(re.sub(r"\nrules  :\n(?:  .*\n)+", "\n", text).splitlines()) for name, text in texts.items()}
    assert {name: n for name, n in lines.items() if n > MAX_SQL_LINES} == {}


# --- places and names ------------------------------------------------------------------------------------------------


def test_tests_are_no_package():
    assert [named(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


def test_the_sql_folder_holds_sql_only():
    assert [named(path) for path in (ROOT / "sql").rglob("*") if path.is_file() and path.suffix != ".sql"] == []
    folders = {path.parent.relative_to(ROOT / "sql").as_posix() for path in SQL_FILES}
    assert folders == {"staging", "core", "marts", "marts/kpis", "marts/maturity"}


def test_no_file_has_a_name_that_says_nothing():
    nothing = re.compile(
        r"^(?:utils?|helpers?|common|managers?|misc|base_?utils?|enhanced|final|.*_v2|.*_(?:utils|helpers?|manager))$"
    )
    places = [*MODULES, *SQL_FILES, *(ROOT / "tests").rglob("*.py")]
    assert [named(path) for path in places if nothing.match(path.stem) or nothing.match(path.parent.name)] == []


def test_text_files_are_opened_as_utf_8():
    found = []
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).split(".")[-1]
            given = {keyword.arg for keyword in node.keywords}
            if name in ("read_text", "write_text") and "encoding" not in given:
                found.append(f"{named(path)}:{node.lineno} {name}")
    assert found == []
