"""Records to Plotly figures: pure functions."""
