"""`kam whatif`: what it shows, that it writes nothing, and what it says of files that cannot be used."""

import json
from html.parser import HTMLParser

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from kam_pipeline.cli import app
from kam_pipeline.errors import ConfigurationError, WhatIfError
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.report.hostile import NAMES
from tests.selection.published_company import published_company, with_sizes


def whatif(folder, *arguments):
    result = CliRunner().invoke(app, ["whatif", "--config", str(folder / "kam.yaml"), *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return " ".join(result.stdout.split())


def everything_in(folder):
    found = {path: path.stat() for path in folder.rglob("*")}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in found.items() if path.is_file()}


@pytest.fixture
def folder(tmp_path):
    published_company(tmp_path)
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(with_sizes(3)), encoding="utf-8")
    return tmp_path


def test_one_screen_says_who_enters_and_leaves_and_what_is_covered(folder):
    said = whatif(folder, "--criteria", folder / "other.yaml")
    assert "Held against the list published as of 2026-07-01 (criteria as published)" in said
    assert "2 groups, before 2; 1 stay (50 %), overlap 33 % of those on either" in said
    assert "70.0 % covered, before 50.0 %; 100 % of the best list of that size, before 71 %" in said
    assert "enters (1) 3 → 1 Acme, revenue 400 EUR Add: rank 1 of 20" in said
    assert "leaves (1) 1 → 3 Bolt, revenue 200 EUR Review, just outside the list: rank 3 of 20" in said
    assert "decisions that change: keep → review 1, none → add 1" in said


def test_a_single_value_is_changed_in_kam_yaml_itself(folder):
    said = whatif(folder, "--set", "weights.size=3")
    assert "kam.yaml with weights.size=3" in said
    assert "enters (1) 3 → 1 Acme" in said


def test_a_change_goes_for_every_file(folder):
    said = whatif(folder, "--criteria", folder / "other.yaml", "--criteria", folder / "kam.yaml", "--set", "cap=1")
    assert "1 and 2 share 0 groups, 0 % of those on either list" in said
    assert said.count("with cap=1 (criteria") == 2


def test_without_arguments_it_says_what_the_edit_of_kam_yaml_would_do(folder):
    assert "Nothing changes: the same list in the same order, and the same decisions." in whatif(folder)
    edited = yaml.safe_load((folder / "kam.yaml").read_text()) | {"criteria": with_sizes(3)}
    (folder / "kam.yaml").write_text(yaml.safe_dump(edited))
    assert "enters (1) 3 → 1 Acme" in whatif(folder)


def test_it_writes_nothing_but_the_page_that_was_asked_for(folder):
    before = everything_in(folder)
    whatif(folder, "--criteria", folder / "other.yaml", "--set", "stability.draws=20")
    assert everything_in(folder) == before
    whatif(folder, "--set", "cap=1", "--html", folder / "page.html")
    after = everything_in(folder)
    assert after.pop(folder / "page.html")
    assert after == before


def test_it_works_while_a_night_holds_the_warehouse_and_readers_read(folder):
    with (
        Warehouse.open(folder / "state" / "warehouse.duckdb", Engine()),
        duckdb.connect(str(folder / "published" / "key_accounts.duckdb"), read_only=True) as reader,
    ):
        assert "enters (1) 3 → 1 Acme" in whatif(folder, "--set", "weights.size=3")
        assert reader.execute("select count(*) from kam.key_account_candidate").fetchall() == [(20,)]


def test_the_json_holds_everything(folder):
    found = json.loads(whatif(folder, "--set", "weights.size=3", "--json"))
    [other] = found["alternatives"]
    assert [group["group_id"] for group in other["entering"]] == ["acme"]
    assert other["leaving"][0]["decision_now"] == "review"
    assert (found["before"]["covered_share"], other["figures"]["covered_share"]) == (0.5, 0.7)
    assert found["as_of_date"] == "2026-07-01"
    assert [side["ranks"] for side in found["sides"]] == [[1, None], [2, 2], [None, 1]]


def test_all_problems_of_all_files_and_changes_are_told_at_once(folder):
    (folder / "one.yaml").write_text("items: [{name: a, metrc: revenue_amt, transform: log, weight: -1}]\ncapp: 3\n")
    (folder / "two.yaml").write_text("source: {kind: files, path: export}\ncriterai: {cap: 3}\n")
    with pytest.raises(ConfigurationError) as raised:
        whatif(folder, "--criteria", folder / "one.yaml", "--criteria", folder / "two.yaml", "--criteria",
               folder / "three.yaml", "--set", "weights.size")  # fmt: skip
    told = [problem.replace(f"{folder}/", "") for problem in raised.value.problems]
    assert told == [
        "--set weights.size: write a path and a value, such as --set weights.growth=0.3",
        "one.yaml: items.0.weight: Input should be greater than or equal to 0; found -1",
        "one.yaml: items.0.metrc: unknown name; did you mean metric?",
        "one.yaml: items.0: write one of metric, field and expression (none is given)",
        "one.yaml: capp: unknown name; did you mean cap?",
        "two.yaml: criterai: unknown name; did you mean criteria?",
        "three.yaml: no such file; name one that is there with --criteria FILE",
    ]


# --- the page ----------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Which elements a page has, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attributes)

    def handle_data(self, data):
        self.texts.append(data)


def page(folder, *arguments):
    whatif(folder, *arguments, "--html", folder / "page.html")
    return (folder / "page.html").read_text(encoding="utf-8")


def test_the_page_speaks_english_and_danish_with_the_same_figures(folder):
    text = page(folder, "--criteria", folder / "other.yaml", "--criteria", folder / "kam.yaml")
    spoken = " ".join(" ".join(Tags(text).texts).replace("\u00a0", " ").split())
    assert "Other criteria, held against the list of 1 July 2026" in spoken
    assert "Andre kriterier, holdt op mod listen pr. 1. juli 2026" in spoken
    assert "Revenue covered 70.0 % before 50.0 %" in spoken
    assert "Omsætning dækket 70,0 % før 50,0 %" in spoken
    assert "fra »behold« til »vurdér igen«: 1" in spoken
    assert "1 and 2 share 1 customers: 33 % of those on either list." in spoken


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_text_on_the_page(tmp_path, name):
    published_company(tmp_path, names={"Acme": name, "Bolt": name})
    found = Tags(page(tmp_path, "--set", "weights.size=3"))
    assert not found.tags & {"script", "img", "svg", "b"}
    assert any(name in text for text in found.texts)


def test_a_page_that_cannot_be_written_is_named(folder):
    with pytest.raises(
        WhatIfError, match=r"--html .*nowhere/page.html: cannot be written \(No such file or directory\)"
    ):
        whatif(folder, "--html", folder / "nowhere" / "page.html")
