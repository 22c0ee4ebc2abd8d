"""Practice personal relation: the customer is met, through more than one contact, and at the top.

Trust itself cannot be seen.
"""

from kam_pipeline.maturity_catalogue.declaration import (
    KEY_ACCOUNTS,
    NO_ACTIVITY_UNSEEN,
    NO_COUNTS,
    RECORD_CONTACTS,
    RECORD_MEETINGS,
    SHARE_END,
    Indicator,
    Ladder,
    Measure,
    Practice,
    Text,
)

_NEVER_MET = Text(
    "A key account that was never met counts from the first meeting recorded with anybody, if that lies a year back; "
    "otherwise it cannot be judged.",
    "En nøglekunde, der aldrig er mødt, regnes fra det første møde, der er registreret med nogen, hvis det ligger et "
    "år tilbage; ellers kan den ikke bedømmes.",
)
_DAYS = Ladder((180, 90, 60, 30), 0)

PERSONAL_RELATION = Practice(
    key="personal_relation",
    name=Text("Personal relation and trust", "Personlig relation og tillid"),
    indicators=(
        Indicator(
            key="days_since_face_to_face",
            name=Text("Days since a meeting in person or on video", "Dage siden et fysisk møde eller videomøde"),
            unit="days",
            scale=_DAYS,
            weight=1.0,
            how=Measure(
                sums_up="median",
                counted=NO_COUNTS,
                unseen=Text(
                    "A key account whose meetings are all of unknown form cannot be judged, and none can where more "
                    "than half of all key accounts' meetings are. "
                    f"{_NEVER_MET.en}",
                    "En nøglekunde, hvis møder alle er af ukendt form, kan ikke bedømmes, og ingen kan, når det gælder "
                    "mere end halvdelen af nøglekundernes møder. "
                    f"{_NEVER_MET.da}",
                ),
                needs=("Event",),
            ),
            caveat=Text(
                "Recorded meetings only; a meeting is no trust. Every chat recorded as a meeting would lift the "
                "figure.",
                "Kun registrerede møder; et møde er ikke tillid. Registreres hver snak som et møde, "
                "pynter tallet på virkeligheden.",
            ),
            remedy=Text(
                "Say on each event how you met: Event.Type (visit, video) or Location.",
                "Angiv på hvert møde, hvordan I mødtes: Event.Type (besøg, video) eller Location.",
            ),
        ),
        Indicator(
            key="days_since_any_meeting",
            name=Text("Days since any meeting", "Dage siden et møde, uanset form"),
            unit="days",
            scale=_DAYS,
            weight=1.0,
            how=Measure(
                sums_up="median",
                counted=NO_COUNTS,
                unseen=_NEVER_MET,
                needs=("Event|Task",),
                stands_in_for="days_since_face_to_face",
            ),
            caveat=Text(
                "It does not tell a visit from a meeting of unknown form. Every chat recorded as a meeting would lift "
                "the figure.",
                "Det skelner ikke et besøg fra et møde af ukendt form. Registreres hver snak som et møde, "
                "pynter tallet på virkeligheden.",
            ),
            remedy=RECORD_MEETINGS,
        ),
        Indicator(
            key="met_in_90_days",
            name=Text("Key accounts met within 90 days", "Nøglekunder, vi har mødt inden for 90 dage"),
            unit="share",
            scale=Ladder((0.30, 0.50, 0.70, 0.90), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=NO_ACTIVITY_UNSEEN,
                needs=("Event|Task",),
            ),
            caveat=Text(
                "Once a quarter for everybody suits no customer exactly. A short call entered as a meeting would pass.",
                "Én gang i kvartalet til alle passer ingen kunde helt. Et kort opkald skrevet ind som møde ville "
                "bestå.",
            ),
            remedy=RECORD_MEETINGS,
        ),
        Indicator(
            key="engaged_contacts",
            name=Text(
                "Contacts met or called within 180 days",
                "Kontakter, vi har mødt eller talt i telefon med inden for 180 dage",
            ),
            unit="count",
            scale=Ladder((1, 3, 5, 8)),
            weight=1.0,
            how=Measure(
                sums_up="median",
                counted=NO_COUNTS,
                unseen=Text(
                    "A key account whose meetings and calls name no contact cannot be judged, and none can where no "
                    "contact is named for any customer.",
                    "En nøglekunde, hvis møder og opkald ikke nævner en kontaktperson, kan ikke bedømmes, og ingen "
                    "kan, når ingen kontakter er nævnt for nogen kunde.",
                ),
                needs=("Event.WhoId|Task.WhoId",),
            ),
            caveat=Text(
                "Only the first contact of each meeting is seen: a lower bound. Naming a different contact each time "
                "would lift it.",
                "Kun den første kontakt på hvert møde ses: tallet er et minimum. Nævner man en ny hver gang, "
                "stiger det.",
            ),
            remedy=RECORD_CONTACTS,
            source=Text(
                "Gong: 4 and more contacts win more; SAMA: about 12 decision makers (second-hand); judgement",
                "Gong: med 4 eller flere kontakter vindes mere; SAMA: cirka 12 beslutningstagere (gengivet); skøn",
            ),
        ),
        Indicator(
            key="senior_contact_met",
            name=Text("Key accounts where a senior contact was met", "Nøglekunder, hvor vi har mødt en topleder"),
            unit="share",
            scale=Ladder((0.20, 0.40, 0.60, 0.80), SHARE_END),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=Text(
                    "A key account that was met, none of whose contacts is known to be senior while the title of one "
                    "is unknown, cannot be judged.",
                    "En nøglekunde, der er mødt, men hvor ingen kendt topleder deltog og mindst én titel er ukendt, "
                    "kan ikke bedømmes.",
                ),
                needs=("Event.WhoId|Task.WhoId", "Contact.Title"),
            ),
            caveat=Text(
                "Titles are read by patterns in English and Danish; what they match is set in kam.yaml. Titles are "
                "inflated in some countries and firms. A handshake counts as much as a talk.",
                "Titler læses efter mønstre på dansk og engelsk, som står i kam.yaml. Titler er pustet op i nogle "
                "lande og firmaer. Et håndtryk tæller lige så meget som en samtale.",
            ),
            remedy=Text(
                "Deliver Event with WhoId and Contact with Title, name the contact on every meeting, and add titles "
                "of your customers to maturity.seniority in kam.yaml.",
                "Levér Event med WhoId og Contact med Title, angiv kontaktpersonen på hvert møde, og tilføj jeres "
                "kunders titler under maturity.seniority i kam.yaml.",
            ),
        ),
        Indicator(
            key="single_threaded",
            name=Text("Key accounts that hang on one contact", "Nøglekunder, der hænger på én kontakt"),
            unit="share",
            scale=Ladder((0.60, 0.40, 0.25, 0.10), 0.0),
            weight=1.0,
            how=Measure(
                sums_up="share",
                counted=KEY_ACCOUNTS,
                unseen=Text(
                    "A key account with fewer than three meetings and calls that name a contact cannot be judged.",
                    "En nøglekunde med færre end tre møder og opkald, der nævner en kontakt, kan ikke bedømmes.",
                ),
                needs=("Event.WhoId|Task.WhoId",),
            ),
            caveat=Text(
                "One contact has at least 60 % of the meetings and calls of 180 days. Only the first contact of each "
                "is seen, so it looks worse than it is. Spreading calls over many names would hide it.",
                "Én kontakt står for mindst 60 % af møder og opkald i 180 dage. Kun den første kontakt på hvert ses, "
                "så det ser værre ud, end det er. Spredes opkald på mange navne, skjules det.",
            ),
            remedy=RECORD_CONTACTS,
        ),
    ),
)
