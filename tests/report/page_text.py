"""What a reader finds on a report, taken from its HTML without a browser.

What belongs here: text and tables of one language. What does not: expectations, anything that needs layout.
"""

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}
BLOCKS = {"p", "li", "td", "th", "h1", "h2", "h3", "dt", "dd", "div", "section", "figcaption", "small"}


class _Reader(HTMLParser):
    """Collects, per language, the text of elements with the id of the heading they stand under."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.rows: dict[str, list[list[str]]] = {}
        self.heading = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    @property
    def language(self) -> str:
        names = (attrs.get("class") or "" for _, attrs in self.path)
        return next((name.rpartition("language-")[2] for name in names if "language-" in name), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag in ("h2", "h3") and given.get("id"):
            self.heading = given["id"] or ""
        if tag == "tr":
            self.rows.setdefault(self.heading, []).append([])
        if tag in ("td", "th") and self.heading in self.rows:
            self.rows[self.heading][-1].append("")
        if self.heading in self.rows and (tag == "small" or "block" in (given.get("class") or "")):
            self.rows[self.heading][-1][-1] += " "
        if tag in BLOCKS:
            self.texts.setdefault(self.language, []).append("\n")
        if tag not in VOID:
            self.path.append((tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.path and self.path.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.path]
        if "style" in tags:
            return
        self.texts.setdefault(self.language, []).append(data)
        if "td" in tags or "th" in tags:
            self.rows[self.heading][-1][-1] += data


class PageText:
    """A report as a reader finds it.

    Parameters
    ----------
    html : str
        The page.
    """

    def __init__(self, html: str) -> None:
        self.html = html
        self._reader = _Reader()
        self._reader.feed(html)
        self._reader.close()

    @property
    def tags(self) -> list[tuple[str, dict[str, str | None]]]:
        """Every opening tag with its attributes."""
        return self._reader.tags

    def text(self, code: str = "en") -> str:
        """All text of a language: white space of any kind made single spaces, dash and minus made hyphens."""
        return _plain("".join(self._reader.texts.get(code, [])))

    def rows(self, section: str, code: str = "en") -> list[list[str]]:
        """The rows of the tables below a heading, headings of columns included."""
        return [[_plain(cell) for cell in row] for row in self._reader.rows.get(f"{code}-{section}", [])]

    def row(self, section: str, opening: str, code: str = "en") -> list[str]:
        """The one row whose first cell begins with a text."""
        (found,) = [row for row in self.rows(section, code) if row[0].startswith(opening)]
        return found


def _plain(text: str) -> str:
    return " ".join(text.replace("\u2060", "").replace("\u2013", "-").replace("\u2212", "-").split())
