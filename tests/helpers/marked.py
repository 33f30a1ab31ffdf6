"""Texts with marks where a fault is expected."""


def places_of(text):
    """The text without its marks, and where they stood as (line, column)."""
    places = [
        (number, line[: i - line[:i].count("§")].__len__() + 1)
        for number, line in enumerate(text.splitlines(), 1)
        for i, letter in enumerate(line)
        if letter == "§"
    ]
    return text.replace("§", ""), places
