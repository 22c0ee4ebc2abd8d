"""Dagster and nothing else: the data's way as assets, one module per layer.

landing -> raw -> staging -> core -> marts -> published

`landing` reads the source, `raw` keeps versions, `tables` makes one asset of every table of staging, core and marts,
`gates` shows what is held against them, `publish` hands the result to readers; `project` is what they all work on,
`jobs` what can be started, `alerts` who is told when it fails.
"""
