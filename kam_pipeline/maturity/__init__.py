"""Maturity of the key account programme from data: what is observed, indicators, practices, the programme.

`observing` runs the SQL files of `sql/marts/maturity`, `levels` turns figures into levels with intervals, `measuring`
one indicator, `scoring` practices and the programme, `words` the sentences of readers, `results` the tables. What does
not belong here: which indicators there are (kam_pipeline.maturity_catalogue), what customers change (settings
`maturity`), queries (sql/).
"""
