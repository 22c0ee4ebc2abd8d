"""Practice competence: the people on key accounts are trained for it. A CRM shows next to nothing of that."""

from kam_pipeline.maturity_catalogue.declaration import (
    SHARE_END,
    Indicator,
    Lack,
    Ladder,
    Practice,
    Text,
)

_NO_TRAINING = Text(
    "Nothing in a CRM shows training; it is in the learning or HR system.",
    "Intet i et CRM viser uddannelse; den står i lærings- eller HR-systemet.",
)
_TRAINING_FEED = Text(
    "Keep a list of training per key account manager in the learning or HR system; this version has no feed for it "
    "yet.",
    "Før en liste over uddannelse pr. key account manager i lærings- eller HR-systemet; denne version læser endnu "
    "ingen sådan fil.",
)

COMPETENCE = Practice(
    key="competence",
    name=Text("Competence", "Kompetenceløft"),
    indicators=(
        Indicator(
            key="training_hours",
            name=Text("Managers with 16 hours of training in a year", "KAM'er med 16 timers uddannelse på et år"),
            unit="share",
            scale=Ladder((0.10, 0.30, 0.60, 0.85), SHARE_END),
            weight=1.0,
            how=Lack("not_measurable", _NO_TRAINING),
            caveat=Text(
                "Hours attended are not skills gained.",
                "Timer på kursus er ikke det samme som at have lært noget.",
            ),
            remedy=_TRAINING_FEED,
        ),
        Indicator(
            key="certificates",
            name=Text("Managers with the certificate required", "KAM'er med det krævede certifikat"),
            unit="share",
            scale=Ladder((0.10, 0.40, 0.70, 0.90), SHARE_END),
            weight=1.0,
            how=Lack("not_measurable", _NO_TRAINING),
            caveat=Text(
                "A certificate shows that a test was passed; an easy test raises the figure.",
                "Et certifikat viser, at en prøve er bestået; en let prøve løfter tallet.",
            ),
            remedy=_TRAINING_FEED,
        ),
        Indicator(
            key="joint_meetings",
            name=Text("Customer meetings together with the manager", "Kundemøder sammen med lederen"),
            unit="count",
            scale=Ladder((0, 1, 2, 4)),
            weight=0.5,
            how=Lack(
                "not_configured",
                Text(
                    "Who took part in a meeting is in EventRelation, which this version does not read.",
                    "Hvem der deltog i et møde, står i EventRelation, som denne version ikke læser.",
                ),
            ),
            caveat=Text(
                "A weak sign of coaching: being in the room is not coaching, and an invitation is not attendance.",
                "Et svagt tegn på sparring: at være til stede er ikke sparring, og en invitation er ikke fremmøde.",
            ),
            remedy=Text(
                "Invite the manager to joint meetings in the CRM's calendar, so that EventRelation is there when a "
                "later version reads it.",
                "Indkald lederen til fælles møder i CRM-kalenderen, så EventRelation findes, når en senere version "
                "læser den.",
            ),
        ),
    ),
)
