"""When two names are one."""

from __future__ import annotations

import unicodedata


def name_key(name: str) -> str:
    """What is equal for equal names: letters regardless of case, width and composition, underscores as spaces.
    (Unicode Standard, D146: normalised again after folding.)

    >>> name_key("Anna_Lee") == name_key("ANNA  LEE")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).replace("_", " ").split())
