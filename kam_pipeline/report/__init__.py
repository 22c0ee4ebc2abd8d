"""The report: one HTML file that a sales leader opens in a browser, from the published file and nothing else.

`published` opens the file that readers have; `contents` says what a report holds; `reading`, `kpi_reading`,
`maturity_reading` and `changes` find it; `words` and texts.yaml say it in English and Danish; `charts` draws;
`page` puts it into the templates; `writing` swaps the file in. What does not belong here: the warehouse, Dagster, any
figure that no published table holds.
"""
