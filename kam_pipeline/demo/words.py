"""The words of the demo company: invented name parts, titles, subjects, and texts that trip careless readers.

What belongs here: words and how names are put together from them; every name is an accident of syllables. What does
not: which record gets which word (model, files).
"""

import numpy as np

from kam_pipeline.demo.columns import Column, constant, joined, pick

COUNTRIES = (
    "Denmark",
    "Sweden",
    "Norway",
    "Germany",
    "Netherlands",
    "Poland",
    "Finland",
    "United States",
    "France",
)
COUNTRY_SHARES = (0.40, 0.12, 0.10, 0.15, 0.06, 0.04, 0.03, 0.06, 0.04)
LEGAL_FORMS = (" A/S", " AB", " AS", " GmbH", " B.V.", " Sp. z o.o.", " Oy", " Inc.", " SAS")
INDUSTRIES = ("Machinery", "Energy", "Food processing", "Marine", "Medical devices", "Automation", "Construction")


def _parts(syllables: str) -> tuple[str, ...]:
    return tuple(syllables.split())


_COMPANY_FIRST = _parts("Vel Kro Dru Sny Tjo Bryl Fem Gro Hvi Jyl Klu Mjo Nar Ol Pri Quo Rus Ska Tri Ulv")
_COMPANY_MIDDLE = _parts("mor dan vik lun gar stro bel kim por tas nev hul ril sof tam vun zor")
_COMPANY_END = _parts("tek lin dex mark vang sund ner bro fix holt")
_COMPANY_WORDS = ("", " Teknik", " Maskin", " Industri", " Systems", " Drive", " Process", " Hydraulik", " Automation")

_GIVEN_FIRST = _parts("Ba Ce Dro Fy Gi Hje Iv Ju Kne Lae Mø Nu Oxi Pje Ri Sva Ty Uva Væ Yl Zi Ås")
_GIVEN_END = _parts("lbo mre nda pik rje svi tno vu xal dri gne kle")
_FAMILY_FIRST = _parts("Brak Dun Fjel Gryn Holm Klar Lyng Mosk Nørv Plov Ravn Skyt Torn Vind Østr Ælv")
_FAMILY_END = _parts("bjæk drup gorsen hult kvist lundt mark nesk rød strøm toft vig")

CONTACT_TITLES = (
    "Direktør",
    "CEO",
    "Adm. direktør",
    "CFO",
    "Økonomidirektør",
    "Purchasing Manager",
    "Indkøbschef",
    "Head of Procurement",
    "Produktionschef",
    "Plant Manager",
    "Maintenance Engineer",
    "Konstruktør",
    "Project Manager",
    "Indkøber",
    "VP Operations",
    "",
)
CONTACT_DEPARTMENTS = ("Purchasing", "Production", "Management", "Engineering", "Indkøb", "")

FAMILIES = ("Bearings", "Drives", "Hydraulics", "Sensors", "Couplings", "Service")
PRODUCT_FORMS = ("Basic", "Plus", "Heavy", "Compact", "Marine", "Food", "Extra", "Pro")

DEAL_WORDS = ("Retrofit", "Frame order", "New line", "Spare parts", "Upgrade", "Pilot", "Udskiftning", "Årsaftale")
TASK_SUBJECTS = (
    "Call",
    "Email: quotation",
    "Follow up on offer",
    "Ring tilbage",
    "Email: Re: delivery",
    "Send drawing",
)
EVENT_SUBJECTS = ("Status meeting", "Technical review", "Kvartalsmøde", "Site visit", "Strategimøde", "Price talks")
LOCATIONS = ("Customer site", "Our office", "Teams", "Lager 3, Ørslev", "")

STRANGE_TEXTS = (
    "NA",
    "NULL",
    "None",
    "🚀 rollout",
    'Said "yes", then "no"',
    "Blåbærgrød på Ærø",
    "first line\nsecond line",
    "comma, semicolon; tab\there",
    "'=1+1",
)
"""Free texts that careless readers take for missing, for the end of a line or for a formula."""

STRANGE_NAMES = ("NULL ApS", 'Ærø "Øst" & Å A/S', "Two\nLines ApS")
STRANGE_SHARE = 0.004


def company_names(rng: np.random.Generator, count: int) -> Column:
    """Return invented company names without a legal form.

    Parameters
    ----------
    rng : np.random.Generator
        Source of chance.
    count : int
        How many.

    Returns
    -------
    Column
        Names; two companies can share one, as in life.
    """
    parts = (_COMPANY_FIRST, _COMPANY_MIDDLE, _COMPANY_END, _COMPANY_WORDS)
    return joined(*(pick(words, rng.integers(0, len(words), count)) for words in parts))


def person_names(rng: np.random.Generator, count: int) -> tuple[Column, Column]:
    """Return invented first and last names of persons.

    Parameters
    ----------
    rng : np.random.Generator
        Source of chance.
    count : int
        How many.

    Returns
    -------
    tuple[Column, Column]
        First names and last names.
    """
    parts = (_GIVEN_FIRST, _GIVEN_END, _FAMILY_FIRST, _FAMILY_END)
    first, first_end, last, last_end = (pick(words, rng.integers(0, len(words), count)) for words in parts)
    return joined(first, first_end), joined(last, last_end)


def full_names(first: Column, last: Column) -> Column:
    """Return first and last names with a space between."""
    return joined(first, constant(" ", len(first)), last)
