"""The text of every file, made from the model in pieces.

What belongs here: columns of each object and feed. What does not: sizes, dates and money (model/), the CSV form.
"""
