"""The Dash front end: pages over what the engine knows. It holds no numpy maths, no SQL and no file paths of films,
and reaches the engine through `app.services` alone.
"""
