"""Names that customers of ours never had, and that a page must show as text all the same."""

from tests.report.published_file import PublishedFile, candidate, change, kpi

NAMES = (
    "<script>document.title='x'</script>",
    "\"><img src=x onerror=document.title='x'>",
    "O'Neill & Søn \"A/S\" <b>bold</b>",
    "{{7*7}} {% raw %} ${7*7}",
    "$x$ \\frac{1}{2} %s %(x)s {0} {name}",
    "Grøn 🌱 emoji 👩‍👩‍👧",
    "\u202egnirts desrever\u202c after",
    "\u2067isolate never closed",
    "</td></tr></table><style>*{display:none}</style>",
    "&lt;script&gt; &amp;amp; already escaped",
    "<!-- comment --> <svg onload=alert(1)>",
    "x" * 300,
    "long words " * 30 + "end",
    "=HYPERLINK(\"http://evil.example\")",
)  # fmt: skip
BAD_URLS = (
    "javascript:document.title='x'",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://crm.example/\" onmouseover=\"document.title='x'",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "//evil.example/x",
    "file:///etc/passwd",
)


def hostile_company(file: PublishedFile) -> PublishedFile:
    """Put hostile text wherever a CRM can put text."""
    for place, name in enumerate(NAMES, start=1):
        url = BAD_URLS[(place - 1) % len(BAD_URLS)]
        file.add("key_account_candidate", candidate(place, name, "keep"))
        file.add("account_group", {"group_id": f"g{place:02}", "record_url": url})
        file.add("candidate_change", change(f"g{place:02}", name, "none", name, reason=name))
        file.add("candidate_gate", {"group_id": f"g{place:02}", "gate": "odd", "reason": name})
        file.add(
            "designation",
            {"group_id": f"g{place:02}", "group_name": name, "override": "include", "override_status": "applied",
             "override_reason": name, "override_by": name},
        )  # fmt: skip
        file.add("criterion", {"criterion": name, "ordinal": place, "label": name, "transform": "log", "weight": 1})
        file.add(
            "kpi_scorecard",
            {"group_id": f"g{place:02}", "group_name": name, "is_key_account": True, "decision": "keep",
             "change_class": "stable", "bookings_amt": 100 - place},
        )  # fmt: skip
        file.add(
            "loss_reason",
            {"entity_type": "portfolio", "entity_id": "key", "loss_reason": name, "lost_cnt": 1, "lost_amt": 1,
             "lost_share": 0.1, "status": "measured"},
        )  # fmt: skip
        file.add(
            "rejected_row",
            {"object": name, "record_id": str(place), "part": "record", "reason": f"About {name}."},
        )
        file.add(
            "data_quality",
            {"check": "odd", "object": name, "severity": "warning", "passed": False, "value": 1, "detail": name},
        )
    file.add("kpi_snapshot", kpi("bookings_amt", "key", 1), kpi(NAMES[0], "key", None, reason=NAMES[0]))
    return file.change("update snapshot set source = $1", NAMES[0])
