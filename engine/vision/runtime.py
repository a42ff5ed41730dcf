"""How every ONNX Runtime session of the engine is opened."""

from __future__ import annotations

import onnxruntime

from engine.errors import ModelError


def open_session(model: bytes, threads: int = 1, *, keep_memory: bool = True) -> onnxruntime.InferenceSession:
    """A CPU session over a serialised ONNX model.

    One thread by default: sessions release the GIL, so two Python threads with a one-thread session each do more
    work than one session with two, and more threads never spin, for spinning workers slow a busy machine down two to
    four times. `keep_memory` keeps working memory between runs, which is up to a fifth faster; without it a run on
    a 1600 x 900 picture peaks at 360 MB instead of 560 MB, and it is given back. Raises ModelError if the model
    cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = keep_memory
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own that share no public root
        raise ModelError(f"A network cannot be loaded ({error}); reinstall Dramatis.") from error
