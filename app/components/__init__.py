"""Records to Dash components: pure functions."""
