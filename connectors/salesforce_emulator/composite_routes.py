"""Several reads in one call: `composite` and `composite/batch`.

What belongs here: taking the calls apart and the answers together. What does not: answering them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.calls import Call, Route
from connectors.salesforce_emulator.messages import Answer, Request, json_answer, refusal

_MOST = 25
_MOST_QUERIES = 5


class CompositeRoutes:
    """Composite reads.

    Parameters
    ----------
    answer : Callable[[Request, Call], Answer]
        Answers one of the requests within a call.
    """

    def __init__(self, answer: Callable[[Request, Call], Answer]) -> None:
        self._answer = answer

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route("POST", r"composite/?", self._composite),
            Route("POST", r"composite/batch/?", self._batch),
        ]

    def _composite(self, call: Call) -> Answer:
        asked = _requests(call, "compositeRequest")
        if sum("/query" in str(one.get("url")) for one in asked) > _MOST_QUERIES:
            raise RefusalError("LIMIT_EXCEEDED", f"A composite call has at most {_MOST_QUERIES} queries")
        answers = []
        for one in asked:
            answer = self._one(call, one, str(one.get("url", "")))
            answers.append(
                {
                    "body": _value(answer),
                    "httpHeaders": {},
                    "httpStatusCode": answer.status,
                    "referenceId": one.get("referenceId"),
                }
            )
        return json_answer({"compositeResponse": answers})

    def _batch(self, call: Call) -> Answer:
        results = []
        for one in _requests(call, "batchRequests"):
            url = str(one.get("url", ""))
            answer = self._one(call, one, url if url.startswith("/") else f"/services/data/{url}")
            results.append({"statusCode": answer.status, "result": _value(answer)})
        return json_answer({"hasErrors": any(one["statusCode"] >= 400 for one in results), "results": results})

    def _one(self, call: Call, one: Mapping[str, Any], url: str) -> Answer:
        method = one.get("method", "GET")
        if method != "GET":
            return refusal("METHOD_NOT_ALLOWED", f"Only reads are answered here, not {method}", 405)
        path, _, query_text = url.partition("?")
        return self._answer(Request("GET", path, query_text, call.request.headers), call)


def _requests(call: Call, key: str) -> list[Mapping[str, Any]]:
    asked = call.request.json_object().get(key)
    if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
        raise RefusalError("JSON_PARSER_ERROR", f"The body has no list {key}")
    if len(asked) > _MOST:
        raise RefusalError("LIMIT_EXCEEDED", f"A call has at most {_MOST} requests in it")
    return asked


def _value(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    return json.loads(answer.body) if isinstance(answer.body, bytes) and answer.body else None
