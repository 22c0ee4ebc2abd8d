"""Salesforce record ids: 15 case-sensitive characters and a checksum of three, made for whole columns at once.

What belongs here: the form of ids and the key prefix of each object. What does not: which record refers to which.
"""

import numpy as np

from kam_pipeline.crm_schema import CRM_OBJECTS
from kam_pipeline.demo.columns import Column, Ints, constant, either, text

KEY_PREFIXES = {declared.name: declared.key_prefix for declared in CRM_OBJECTS} | {
    "Key_Account_Plan__c": "a0P",
    "RecordType": "012",
    "UserRole": "00E",
}
ZERO_ID = "000000000000000AAA"
"""How a Data Export sometimes writes an empty lookup."""

UNKNOWN = 500_000_000
"""Record number of ids that are well formed and in no file."""

_DIGITS = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
_CHECKSUM = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype=np.uint8)
_INSTANCE = b"Nd0000"
_FIRST_NUMBER = 12_345_678


def make_ids(object_name: str, numbers: Ints) -> Column:
    """Return the 18-character ids of records of one object.

    Parameters
    ----------
    object_name : str
        API name of the object, or `RecordType` or `UserRole`.
    numbers : Ints
        Record numbers, counted from 0.

    Returns
    -------
    Column
        One id per number.
    """
    characters = np.empty((len(numbers), 18), dtype=np.uint8)
    characters[:, :9] = np.frombuffer(KEY_PREFIXES[object_name].encode() + _INSTANCE, dtype=np.uint8)
    rest = numbers + _FIRST_NUMBER
    for position in range(14, 8, -1):
        rest, digit = np.divmod(rest, 62)
        characters[:, position] = _DIGITS[digit]
    body = characters[:, :15]
    is_upper = ((body >= ord("A")) & (body <= ord("Z"))).reshape(-1, 3, 5)
    characters[:, 15:] = _CHECKSUM[is_upper @ np.array([1, 2, 4, 8, 16], dtype=np.int64)]
    return text(characters)


def make_id(object_name: str, number: int) -> str:
    """Return the id of one record.

    Parameters
    ----------
    object_name : str
        As for `make_ids`.
    number : int
        Record number, counted from 0.

    Returns
    -------
    str
        Its id.
    """
    return str(make_ids(object_name, np.array([number], dtype=np.int64))[0].as_py())


def lookup_ids(object_name: str, numbers: Ints, empty: str = "") -> Column:
    """Return the ids of records referred to, with a given text where the number is negative.

    Parameters
    ----------
    object_name : str
        As for `make_ids`.
    numbers : Ints
        Record numbers; negative for no record.
    empty : str
        Text of an empty lookup.

    Returns
    -------
    Column
        One id or empty text per number.
    """
    ids = make_ids(object_name, np.maximum(numbers, 0))
    return either(numbers >= 0, ids, constant(empty, len(numbers)))
