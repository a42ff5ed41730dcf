"""Dramatis' engine: who is on screen, for how long, and who looks like whom.

The engine knows faces and films and nothing of web pages: it imports no Dash, Flask or Plotly.
"""

__version__ = "0.2.0"
