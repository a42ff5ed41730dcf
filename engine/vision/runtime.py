"""How every ONNX Runtime session of the engine is opened."""

from __future__ import annotations

import ctypes
import platform
from functools import cache

import onnxruntime

from engine.errors import ModelError

_MALLOPT_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE_BLOCK_BYTES = 1 << 20


def open_session(model: bytes, threads: int = 1) -> onnxruntime.InferenceSession:
    """A CPU session over a serialised ONNX model.

    One thread by default: sessions release the GIL, so two Python threads with a one-thread session each do more
    work than one session with two, and more threads never spin, for spinning workers slow a busy machine down two to
    four times. Raises ModelError if the model cannot be loaded.
    """
    _share_memory()
    _give_back_large_blocks()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own that share no public root
        raise ModelError(f"A network cannot be loaded ({error}); reinstall Dramatis.") from error


@cache
def _share_memory() -> None:
    """One pool of working memory for all sessions of the process. Frames come in many sizes, each with a session of
    its own, and a pool for each would keep the largest of all of them (0.7 GB against 0.4 GB for three sizes on two
    threads); none at all costs a seventh of the speed."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    unlimited_and_doubling = {
        "max_mem": 0,
        "arena_extend_strategy": 0,
        "initial_chunk_size_bytes": -1,
        "max_dead_bytes_per_chunk": -1,
    }
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg(unlimited_and_doubling))


@cache
def _give_back_large_blocks() -> None:
    """Makes the C library give every block over 1 MB back to the system as soon as it is freed. Otherwise glibc
    raises that limit by itself, and frames of some MB that come and go in several threads leave holes: a fifth of
    the memory of a 1080p analysis, growing with the film. Elsewhere than on Linux with glibc nothing is done."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_MALLOPT_MMAP_THRESHOLD, _LARGE_BLOCK_BYTES)
