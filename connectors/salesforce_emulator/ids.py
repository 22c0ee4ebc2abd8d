"""Record ids: 15 case-sensitive characters, and three more that say which of them are capitals.

What belongs here: the form of ids. What does not: which object has which prefix (standard_object.py).
"""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE = "Em0000"
"""Where the record was made; the demo company's ids have another one, so that new records never take an id of it."""


def checksum(body: str) -> str:
    """Return the last three characters of an id that begins with these fifteen."""
    blocks = (body[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _CHECKSUM[sum(1 << position for position, character in enumerate(block) if "A" <= character <= "Z")]
        for block in blocks
    )


def make_id(prefix: str, number: int) -> str:
    """Return the id of 18 characters of the record with this number among all that have the prefix."""
    digits = ""
    for _ in range(15 - len(prefix) - len(_INSTANCE)):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    body = f"{prefix}{_INSTANCE}{digits}"
    return body + checksum(body)


def is_id(text: str) -> bool:
    """Return whether a text is an id of 18 characters with the right checksum."""
    return len(text) == 18 and text.isascii() and text.isalnum() and text[15:] == checksum(text)


def long_id(text: str) -> str:
    """Return an id of 18 characters for one of 15; every other text as it is."""
    return text + checksum(text) if len(text) == 15 and text.isascii() and text.isalnum() else text
