"""Numbers of kam.yaml in sentences, as English and Danish write them.

What belongs here: writing one number. What does not: figures of customers, which SQL writes.
"""


def written(number: float, *, danish: bool = False) -> str:
    """Return a number with separators of thousands and no more digits than it has.

    Examples
    --------
    >>> written(1250000), written(0.25), written(1250000.5, danish=True)
    ('1,250,000', '0.25', '1.250.000,5')
    """
    text = f"{number:,.10f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if danish else text
