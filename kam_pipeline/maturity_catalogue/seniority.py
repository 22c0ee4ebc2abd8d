"""Which titles are senior: patterns in English and Danish, which kam.yaml may replace.

What belongs here: the patterns. What does not: reading titles (sql/marts/maturity/senior_contact_met.sql). A title
that matches none of the three lists is unknown, never junior.
"""

SUPPORT_TITLES = (
    r"assist",
    r"sekretær|secretary",
    r"\b(product|process|data|system) owner|business partner",
    r"trainee|student|\belev\b|praktikant|\bintern\b",
)
"""Not senior, whatever else the title says: the assistant to the director."""

SENIOR_TITLES = (
    r"\bC[A-Z]{1,2}O\b",
    r"\bchief\b",
    r"direktør|director",
    r"president|\b[ES]?VP\b",
    r"\bchair(man|woman|person)?\b",
    r"partner\b",
    r"\bejer\b|indehaver|\bowner\b|founder|stifter",
    r"bestyrelse|board member",
)
"""Top management: C-level, vice presidents, directors, owners, the board."""

OTHER_TITLES = (
    r"manager|chef\b|\bleder|leder\b|\bhead of\b|\blead\b|supervisor",
    r"ingeniør|engineer|konstruktør|tekniker|technician|\bteknisk\b",
    r"indkøber|buyer|purchaser|sælger|\bsales\b",
    r"konsulent|consultant|specialist|analyst|analytiker|koordinator|coordinator|planner|planlægger",
    r"medarbejder|operatør|operator|controller|accountant|bogholder|montør|udvikler|developer",
)
"""Known not to be top management, Danish -chef included."""
