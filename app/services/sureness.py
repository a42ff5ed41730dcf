"""How sure names are, as pages say it: from which probability on an answer is sure, and from which on worth a
"perhaps"."""

from __future__ import annotations

from engine.identity.sureness import PERHAPS, SURE

__all__ = ["PERHAPS", "SURE"]
