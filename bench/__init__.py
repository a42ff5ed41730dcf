"""Side-by-side benchmarks against peers: every speed claim is a ratio from one run."""
