"""Why a KPI is not known, or what to bear in mind of one that is: the code that SQL gives, in English and Danish.

What belongs here: the sentences; `{}` is the number that SQL gives with the code. What does not: when a code applies
(sql/marts/kpis).
"""

REASONS: dict[str, tuple[str, str]] = {
    "nothing_closed": ("No deal was closed in the period.", "Ingen salg blev afsluttet i perioden."),
    "nothing_won": ("No deal was won in the period.", "Ingen ordrer blev vundet i perioden."),
    "won_without_amount": (
        "Deals were won, but none has a known amount above zero.",
        "Der er vundet ordrer, men ingen har et kendt beløb over nul.",
    ),
    "unknown_won_amounts": (
        "Left out: won deals without a known amount ({}).",
        "Ikke talt med: vundne ordrer uden kendt beløb ({}).",
    ),
    "some_without_amount": (
        "Left out: deals without an amount above zero ({}).",
        "Ikke talt med: salg uden et beløb over nul ({}).",
    ),
    "closed_without_amount": (
        "Too many won or lost deals have no amount above zero ({}).",
        "For mange vundne eller tabte salg mangler et beløb over nul ({}).",
    ),
    "short_history": (
        "The history does not cover the same period a year before.",
        "Historikken dækker ikke den tilsvarende periode året før.",
    ),
    "short_history_3y": (
        "The history does not reach back four years.",
        "Historikken rækker ikke fire år tilbage.",
    ),
    "no_base": (
        "There were no bookings above zero to compare with.",
        "Der er ingen ordreindgang over nul at sammenligne med.",
    ),
    "negative_bookings": (
        "Bookings are negative: credit notes exceed orders.",
        "Ordreindgangen er negativ: kreditnotaerne overstiger ordrerne.",
    ),
    "no_cycle": (
        "None of the closed deals was closed after a known creation ({}).",
        "Ingen af de afsluttede salg er lukket efter en kendt oprettelse ({}).",
    ),
    "some_without_cycle": (
        "Left out: deals closed before they were created, or without a creation date ({}).",
        "Ikke talt med: salg lukket, før de blev oprettet, eller uden oprettelsesdato ({}).",
    ),
    "nothing_closed_yet": (
        "No deal of any customer had been closed by then.",
        "Ingen kunder havde et afsluttet salg på det tidspunkt.",
    ),
    "no_known_amount": (
        "None of the won deals has a known amount ({}).",
        "Ingen af de vundne ordrer har et kendt beløb ({}).",
    ),
    "no_meeting_of_anybody": (
        "No meeting with any customer is on record in the period.",
        "Der er ikke registreret et møde med nogen kunde i perioden.",
    ),
    "no_touch_of_anybody": (
        "No meeting or call with any customer is on record in that time.",
        "Der er ikke registreret et møde eller opkald med nogen kunde i den tid.",
    ),
    "open_without_amount": (
        "Left out: open deals without a known amount ({}).",
        "Ikke talt med: åbne salg uden kendt beløb ({}).",
    ),
    "no_probability": (
        "Too many open deals lack an amount or a probability from 0 to 100 % ({}).",
        "For mange åbne salg mangler et beløb eller en sandsynlighed mellem 0 og 100 % ({}).",
    ),
    "some_without_probability": (
        "Left out: open deals without an amount or a probability from 0 to 100 % ({}).",
        "Ikke talt med: åbne salg uden beløb eller sandsynlighed mellem 0 og 100 % ({}).",
    ),
    "touches_without_contact": (
        "No meeting or call names a contact (there were {}).",
        "Intet møde eller opkald har en kontaktperson på (der var {}).",
    ),
    "some_touches_without_contact": (
        "There may be more: meetings and calls without a contact ({}).",
        "Der kan være flere: møder og opkald uden kontaktperson ({}).",
    ),
    "no_meeting": ("No meeting held is on record.", "Der er ikke registreret et afholdt møde."),
    "groups_without_meeting": (
        "Left out: customers without a meeting on record ({}).",
        "Ikke talt med: kunder uden et registreret møde ({}).",
    ),
    "no_product_family": (
        "No won deal has products with a product family.",
        "Ingen vundne ordrer har produkter med en produktfamilie.",
    ),
    "no_month": (
        "No whole month has passed in the period.",
        "Der er endnu ikke gået en hel måned af perioden.",
    ),
    "no_costs": (
        "No costs are known for the whole months of the period.",
        "Der er ingen kendte omkostninger for periodens hele måneder.",
    ),
    "few_costs": (
        "Costs are known for only {} % of revenue, too little for a figure.",
        "Omkostningerne kendes kun for {} % af omsætningen, for lidt til et tal.",
    ),
    "some_costs": (
        "Costs are known for {} % of revenue; the figure is for that part.",
        "Omkostningerne kendes for {} % af omsætningen; tallet gælder den del.",
    ),
    "no_revenue": ("There is no revenue above zero.", "Der er ingen omsætning over nul."),
    "no_invoices": (
        "No invoiced revenue is delivered for the whole months of the period.",
        "Der er ikke leveret faktureret omsætning for periodens hele måneder.",
    ),
    "nobody_asked": ("Nobody was asked in the period.", "Ingen er blevet spurgt i perioden."),
    "only_answers": (
        "The survey delivers answers only, so nobody knows how many were asked.",
        "Undersøgelsen leverer kun svar, så antallet af adspurgte er ukendt.",
    ),
    "no_answer": ("Nobody has answered (asked: {}).", "Ingen har svaret (adspurgte: {})."),
    "scale_is_not_nps": (
        "The scale is not 0 to 10, so there is no net promoter score; see feeds.satisfaction.",
        "Skalaen er ikke 0 til 10, så der kan ikke beregnes NPS; se feeds.satisfaction.",
    ),
    "satisfied_from_unset": (
        "What counts as satisfied is not set; see feeds.satisfaction.satisfied_from.",
        "Det er ikke angivet, hvornår en kunde er tilfreds; se feeds.satisfaction.satisfied_from.",
    ),
    "no_target": (
        "There is no target for the running fiscal year.",
        "Der er ikke sat et mål for det løbende regnskabsår.",
    ),
    "target_met": ("The target has been reached already.", "Målet er allerede nået."),
    "nobody_designated": (
        "No customer is designated as a key account.",
        "Ingen kunder er udpeget som nøglekunder.",
    ),
    "everybody_designated": (
        "Every customer is designated as a key account.",
        "Alle kunder er udpeget som nøglekunder.",
    ),
    "no_designation": (
        "Nothing says which customers are key accounts; map Account.IsKeyAccount, or list them in feeds.decisions.",
        "Intet viser, hvilke kunder der er nøglekunder; tilknyt Account.IsKeyAccount, eller angiv dem i "
        "feeds.decisions.",
    ),
}
