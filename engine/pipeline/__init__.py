"""One file a question: pure orchestration of the engine's rooms."""
