"""Dramatis' engine: who is on screen, for how long, and who looks like whom.

The engine knows faces and films and nothing of web pages: it imports no Dash, Flask or Plotly.
"""

import os

# numpy's matrix products in one thread: films are worked on by a thread for each processor already, and where others
# need the processors too, threads that spin while they wait for each other take three times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.3.0"
