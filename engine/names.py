"""When two names are one, and how a name from outside is shown."""

from __future__ import annotations

import re
import unicodedata

_UNKNOWN = re.compile(r"unknown_([1-9][0-9]*)")
_JOINERS = "\u200c\u200d"  # invisible, but part of correct spelling in several scripts


def name_key(name: str) -> str:
    """What is equal for equal names: letters regardless of case, width and composition, underscores as spaces.
    (Unicode Standard, D146: normalised again after folding.)

    >>> name_key("Anna_Lee") == name_key("ANNA  LEE")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).replace("_", " ").split())


def unknown_number(name: str) -> int | None:
    """n of the name ``unknown_n`` that a stranger has until somebody gives another one, else None.

    >>> unknown_number("unknown_12"), unknown_number("unknown_x")
    (12, None)
    """
    match = _UNKNOWN.fullmatch(name)
    return int(match[1]) if match else None


def is_one_line(text: str) -> bool:
    """Whether `text` can be stored and shown as it is: no control characters and no halves of letters, as file names
    may hold that are no text."""
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text)


def one_line(text: str) -> str:
    """`text` as it can be shown: composed letters, single spaces, no control or direction characters. "" if nothing is
    left.

    >>> one_line("  Anna\\u202e   Lee\\n")
    'Anna Lee'
    """
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or char in _JOINERS or unicodedata.category(char)[0] != "C"
    )
    return " ".join("".join(kept).split())
