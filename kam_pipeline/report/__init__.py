"""The report: one HTML file that a sales leader opens in a browser, from the published file and nothing else.

`published` opens the file that readers have; `contents`, `selection_contents` and `figures` say what a report holds,
`whole` puts that together; `reading` finds it with `concentration_reading`, `selection_reading`, `kpi_reading`,
`maturity_reading` and `changes`; `words` and texts.yaml say it in English and Danish; `charts` draws; `page` puts it
into the templates; `writing` swaps the file in. What does not belong here: the warehouse, Dagster, any figure that no
published table holds.
"""
