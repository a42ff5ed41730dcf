"""The sound of a preview: copied where browsers know its coding, else made stereo AAC, on the film's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard

from engine.media.container import open_container
from engine.media.playable import MP4_SOUND

RATE_HZ = 48_000
BIT_RATE = 128_000
BLOCK = 1024  # samples in a frame of AAC
DRIFT_S = 0.05
"""Sound is written without a break until it is this far from its own times: less cannot be told from lips, and many
containers round times to milliseconds."""


class Sound:
    """The sound of the film `path` as packets of a new stream of `output`; none if there is no sound that can be read.

    `origin_s` is what the file's clock says at the film's time 0; sound before that is left out. Use as a context
    manager, which closes the file.
    """

    def __init__(self, path: Path, output: OutputContainer, origin_s: float) -> None:
        self._container = open_container(path)
        try:
            stream = _sound_stream(self._container)
            self._packets = _packets(self._container, stream, output, origin_s) if stream else iter(())
        except BaseException:
            self._container.close()
            raise
        self._waiting: tuple[float, Packet] | None = None
        self._began = False

    def __enter__(self) -> Sound:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._container.close()

    def until(self, t_s: float) -> Iterator[Packet]:
        """The packets not given yet that begin at `t_s` or before."""
        if not self._began:
            self._waiting, self._began = next(self._packets, None), True
        while self._waiting and self._waiting[0] <= t_s:
            yield self._waiting[1]
            self._waiting = next(self._packets, None)


def _sound_stream(container: InputContainer) -> AudioStream | None:
    best = container.streams.best("audio")
    if best is None or best.codec_context is None:
        return None
    for other in container.streams:
        if other is not best:
            other.discard = Discard.all
    return best


def _packets(
    container: InputContainer, stream: AudioStream, output: OutputContainer, origin_s: float
) -> Iterator[tuple[float, Packet]]:
    """(time in seconds, packet), in the order of time. The new stream is in `output` when this returns."""
    if stream.codec_context.name in MP4_SOUND and "avi" not in container.format.name:  # AVI has no times
        return _copied(container, stream, output.add_stream_from_template(stream, opaque=True), origin_s)
    coded = output.add_stream("aac", rate=RATE_HZ)
    coded.bit_rate = BIT_RATE
    coded.layout = "stereo"
    coded.format = "fltp"
    coded.codec_context.time_base = Fraction(1, RATE_HZ)
    return _encoded(_stereo(container, stream, origin_s), coded)


def _demuxed(container: InputContainer, stream: AudioStream) -> Iterator[Packet]:
    with suppress(FFmpegError):  # the file breaks off
        yield from container.demux(stream)


def _copied(
    container: InputContainer, stream: AudioStream, copy: AudioStream, origin_s: float
) -> Iterator[tuple[float, Packet]]:
    origin = round(origin_s / stream.time_base)
    before = None
    for packet in _demuxed(container, stream):
        if packet.dts is None or packet.pts is None or packet.is_corrupt or packet.pts < origin:
            continue
        if before is not None and packet.dts <= before:  # no MP4 can hold it
            continue
        before = packet.dts
        packet.pts -= origin
        packet.dts -= origin
        packet.stream = copy
        yield float(packet.pts * packet.time_base), packet


def _encoded(pieces: Iterator[tuple[float, np.ndarray]], coded: AudioStream) -> Iterator[tuple[float, Packet]]:
    n = 0
    for block in _blocks(pieces):
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, n, coded.codec_context.time_base
        n += BLOCK
        for packet in coded.encode(frame):
            yield float(packet.pts * packet.time_base), packet
    for packet in coded.encode(None):
        yield float(packet.pts * packet.time_base), packet


def _blocks(pieces: Iterator[tuple[float, np.ndarray]]) -> Iterator[np.ndarray]:
    """Pieces of sound (2, n) at their times -> blocks (2, `BLOCK`) without a break from time 0 on: gaps are silent,
    what comes twice is left out."""
    held = np.zeros((2, 0), np.float32)
    n = 0  # samples so far, `held` included
    for t_s, piece in pieces:
        gap = round(t_s * RATE_HZ) - n
        if n and abs(gap) <= DRIFT_S * RATE_HZ:
            gap = 0
        while gap > 0:
            silent = min(gap, BLOCK)
            held = np.concatenate([held, np.zeros((2, silent), np.float32)], axis=1)
            gap, n = gap - silent, n + silent
            while held.shape[1] >= BLOCK:
                yield np.ascontiguousarray(held[:, :BLOCK])
                held = held[:, BLOCK:]
        piece = piece[:, -gap:] if gap else piece
        held, n = np.concatenate([held, piece], axis=1), n + piece.shape[1]
        while held.shape[1] >= BLOCK:
            yield np.ascontiguousarray(held[:, :BLOCK])
            held = held[:, BLOCK:]


def _stereo(container: InputContainer, stream: AudioStream, origin_s: float) -> Iterator[tuple[float, np.ndarray]]:
    """(time in seconds, samples (2, n) float32 at `RATE_HZ`) of everything that can be decoded."""
    kind, resampler, end_s = None, None, 0.0
    for packet in _demuxed(container, stream):
        try:
            frames = packet.decode()
        except FFmpegError:
            continue
        for frame in frames:
            now = (frame.format.name, frame.layout.name, frame.sample_rate)
            if now != kind:
                kind, resampler = now, AudioResampler("fltp", "stereo", RATE_HZ)
            t_s = end_s if frame.time is None else frame.time - origin_s
            end_s = t_s + frame.samples / frame.sample_rate
            try:
                pieces = [piece.to_ndarray() for piece in resampler.resample(frame)]
            except (FFmpegError, ValueError):
                continue
            if pieces:
                yield t_s, np.concatenate(pieces, axis=1)
