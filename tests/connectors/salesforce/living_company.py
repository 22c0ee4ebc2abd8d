"""A company whose people work all day in an emulated organisation: one drawn change after the other."""

import random
from collections.abc import Callable
from datetime import timedelta

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.org import Org

STAGES = ("Prospecting", "Negotiation", "Closed Won", "Closed Lost")
TEXTS = ("NA", "NULL", "None", 'Said "yes"', "two\r\nlines", "🚀 Ærø", "plain", "'=1+1", "trailing ")


class LivingCompany:
    """Acts of users and administrators, drawn with a seed.

    Parameters
    ----------
    org : Org
        The organisation, whose clock stands still between two acts.
    seed : int
        Of all chance.
    leaves_traces : bool
        Every delete can be seen; otherwise some records vanish without any trace.
    """

    def __init__(self, org: Org, seed: int, *, leaves_traces: bool) -> None:
        self.org = org
        self.draw = random.Random(seed)
        self.hidden: set[tuple[str, str]] = set()
        self.made = 0
        self._acts: list[tuple[int, Callable[[], None]]] = [
            (6, self.insert_account), (6, self.insert_deal), (4, self.insert_contact), (4, self.insert_task),
            (12, self.update_something), (5, self.delete_something), (4, self.undelete_something),
            (2, self.merge_accounts), (3, self.give_another_parent), (3, self.change_the_team),
            (3, self.commit_late), (3, self.change_a_formula), (1, self.hide_or_show_a_field),
            (1, self.add_a_field), (1, self.archive_a_task), (1, self.purge_with_a_trace),
        ]  # fmt: skip
        if not leaves_traces:
            self._acts.append((3, self.purge_without_a_trace))

    def work(self, acts: int) -> None:
        """Do so many things, minutes apart; what a real organisation refuses is not done."""
        weights = [weight for weight, _ in self._acts]
        for _, act in self.draw.choices(self._acts, weights, k=acts):
            self.org.clock.advance(minutes=self.draw.randint(1, 9), seconds=self.draw.randint(0, 59))
            try:
                act()
            except RefusalError:
                continue

    # --- what is there -----------------------------------------------------------------------------------------------

    def one(self, sobject: str) -> str:
        """Return the id of some living record, made where there is none."""
        ids = [str(record["Id"]) for record in self.org.living(sobject)]
        if not ids and sobject == "Account":
            self.insert_account()
            return self.one(sobject)
        if not ids:
            raise RefusalError("NOTHING", f"no {sobject} is there")
        return self.draw.choice(ids)

    def text(self) -> str:
        self.made += 1
        return f"{self.draw.choice(TEXTS)} {self.made}"

    # --- users -------------------------------------------------------------------------------------------------------

    def insert_account(self) -> None:
        self.org.insert("Account", {"Name": self.text(), "AnnualRevenue": f"{self.draw.randint(1, 99)}000.50"})

    def insert_deal(self) -> None:
        values = {"Name": self.text(), "StageName": self.draw.choice(STAGES), "CloseDate": "2026-09-30"}
        amount = self.draw.choice([None, "1.0E7", "0.0", "1234.5"])
        self.org.insert("Opportunity", {**values, "AccountId": self.one("Account"), "Amount": amount})

    def insert_contact(self) -> None:
        self.org.insert("Contact", {"LastName": self.text(), "AccountId": self.one("Account"), "Title": self.text()})

    def insert_task(self) -> None:
        values = {"Subject": self.text(), "Status": "Completed", "ActivityDate": "2025-01-31"}
        self.org.insert("Task", {**values, "WhatId": self.one("Opportunity")})

    def update_something(self) -> None:
        sobject, field = self.draw.choice([("Account", "Name"), ("Opportunity", "Name"), ("Contact", "Title")])
        self.org.update(sobject, self.one(sobject), {field: self.text()})

    def delete_something(self) -> None:
        sobject = self.draw.choice(["Account", "Opportunity", "Opportunity", "Contact", "Task"])
        self.org.delete(sobject, self.one(sobject))

    def undelete_something(self) -> None:
        sobject = self.draw.choice(["Account", "Opportunity", "Contact", "Task"])
        soql = f"SELECT Id FROM {sobject} WHERE IsDeleted = true"
        found = self.org.query(soql, include_deleted=True, version=66.0)
        records = found.records(0, found.row_cnt)
        if records:
            self.org.undelete(sobject, self.draw.choice(records)["Id"])

    def merge_accounts(self) -> None:
        winner, loser = self.one("Account"), self.one("Account")
        if winner != loser:
            self.org.merge("Account", winner, loser)

    def give_another_parent(self) -> None:
        self.org.update("Account", self.one("Account"), {"ParentId": self.one("Account")})

    def change_the_team(self) -> None:
        if self.draw.random() < 0.5:
            values = {"AccountId": self.one("Account"), "UserId": self.org.user_id, "TeamMemberRole": self.text()}
            self.org.insert("AccountTeamMember", values)
        else:
            self.org.delete("AccountTeamMember", self.one("AccountTeamMember"))

    def commit_late(self) -> None:
        """A long transaction: its stamp lies up to an hour before others see it."""
        late = timedelta(minutes=self.draw.randint(1, 60))
        if self.draw.random() < 0.5:
            self.org.insert("Account", {"Name": self.text()}, visible_after=late)
        else:
            self.org.update("Opportunity", self.one("Opportunity"), {"Name": self.text()}, visible_after=late)

    # --- administrators ----------------------------------------------------------------------------------------------

    def change_a_formula(self) -> None:
        self.org.set_formula("Account", self.one("Account"), "Health__c", str(self.draw.randint(1, 5)))

    def hide_or_show_a_field(self) -> None:
        field = self.draw.choice([("Account", "Industry"), ("Contact", "Title"), ("Opportunity", "LeadSource")])
        if field in self.hidden:
            self.org.show_field(*field)
            self.hidden.remove(field)
        else:
            self.org.hide_field(*field)
            self.hidden.add(field)

    def add_a_field(self) -> None:
        self.made += 1
        self.org.add_field("Account", f"Extra_{self.made}__c", "string", default=self.draw.choice(TEXTS))

    def archive_a_task(self) -> None:
        self.org.archive("Task", self.one("Task"))

    def purge_with_a_trace(self) -> None:
        self.org.purge("Contact", self.one("Contact"))

    def purge_without_a_trace(self) -> None:
        sobject = self.draw.choice(["Opportunity", "Contact", "Task"])
        self.org.purge(sobject, self.one(sobject), trace=False)
