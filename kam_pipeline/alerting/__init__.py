"""Alerts: who is responsible is told that a night failed or was not published.

`message` what may be said and nothing else, `failures` an error's class and a step's name in plain words, `readers`
what readers have meanwhile, `rendering` the texts, `webhook` and `mail` the two channels, `sending` both at once.
What does not belong here: when to tell (assets/alerts.py).
"""

from kam_pipeline.alerting.failures import LOST, failure_of
from kam_pipeline.alerting.message import Alert, FailedCheck, Failure, ReadersSee, Since
from kam_pipeline.alerting.readers import what_readers_see
from kam_pipeline.alerting.rendering import pipeline_name
from kam_pipeline.alerting.sending import channel_problems, send

__all__ = [
    "Alert",
    "FailedCheck",
    "Failure",
    "LOST",
    "ReadersSee",
    "Since",
    "channel_problems",
    "failure_of",
    "pipeline_name",
    "send",
    "what_readers_see",
]
