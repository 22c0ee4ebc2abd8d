"""The company as arrays: calendar, staff, rates, customers, contacts, deals.

What belongs here: what there is and how big. What does not: how it looks in a file (files/).
"""
