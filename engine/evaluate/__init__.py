"""Public protocols: how good the engine is, measured against ground truth."""
