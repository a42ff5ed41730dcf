"""Composes training pictures of the prefilter, each with the scores that the detector gives it.

Faces of every size that the prefilter is to see, and larger and smaller ones, are pasted onto backgrounds full of parts
of faces, letters and clouds, and the whole is darkened, blurred, stained and compressed as films are. What is a face is
asked of the detector afterwards: the prefilter learns its opinion, mistakes included, and nobody draws a box.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from bench.prefilter_faces import Sources, crop, noise, pick
from engine.types import Progress, ignore_progress
from engine.vision.networks import detector_levels_graph
from engine.vision.prefilter import LEVEL_RATIO, REDUCTION
from engine.vision.pyramid import CELL_OFFSET_PX, OUTER_PADDING_PX, STRIDE_PX, level_sizes
from engine.vision.runtime import open_session
from engine.vision.weights import DETECTOR_FILE, read_network, weights_path

SIDE_PX = 192  # of a picture for the prefilter: four of its largest windows
CELL_PX = 8  # of the prefilter's maps
N_CELLS = SIDE_PX // CELL_PX
N_SIZES = 3  # of faces, 1.2 apart: one level of the detector's pyramid each
_MIDDLE_PX = SIDE_PX * REDUCTION  # the level of the detector whose window is the middle one of the three
_LARGEST_PX = 461  # the level above it: 5 * 461 // 6 = 384
_NEAR_PX = 12  # of the middle level: a cell of the prefilter speaks for the best score that near, 16 px being its own

_PASTED = ((0, 0.06), (1, 0.14), (2, 0.20), (3, 0.20), (4, 0.20), (6, 0.12), (9, 0.08))  # how many, and how often


@dataclass(frozen=True, slots=True)
class ComposedPictures:
    """`pictures` (n, 192, 192, 3) RGB uint8, and the detector's `scores` (n, 3, 24, 24) float16 for faces of 33, 40
    and 48 px around each cell of 8 px. 114 kB a picture."""

    pictures: np.ndarray
    scores: np.ndarray


def compose_pictures(
    sources: Sources, n: int, seed: int, progress: Progress = ignore_progress, phase: str = "Composing pictures"
) -> ComposedPictures:
    """`n` pictures; the i-th depends on `sources`, `seed` and i alone. About 0.12 s each, most of it the detector's."""
    pictures = np.empty((n, SIDE_PX, SIDE_PX, 3), np.uint8)
    scores = np.empty((n, N_SIZES, N_CELLS, N_CELLS), np.float16)
    teacher = Teacher()
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        large = _resized(composed(rng, sources), _LARGEST_PX)
        scores[i] = teacher.scores(np.asarray(large))
        # Half of them by way of a level more, as all but the first level of the prefilter's own pyramid are made.
        small = large if rng.random() < 0.5 else _resized(large, round(SIDE_PX * LEVEL_RATIO))
        pictures[i] = np.asarray(_resized(small, SIDE_PX))
        progress(phase, (i + 1) / n)
    return ComposedPictures(pictures, scores)


class Teacher:
    """The detector, asked for its scores in the cells of the prefilter."""

    def __init__(self) -> None:
        network = read_network(weights_path(DETECTOR_FILE))
        self._session = open_session(detector_levels_graph(network, N_SIZES))
        self._levels_px = [height for height, _ in level_sizes(_LARGEST_PX, _LARGEST_PX, N_SIZES)]

    def scores(self, large: np.ndarray) -> np.ndarray:
        """(3, 24, 24) float32 for a picture (461, 461, 3) RGB uint8, the smallest size of faces first."""
        maps = self._session.run(None, {"images": large[None]})
        cells = (np.arange(N_CELLS) + 0.5) * CELL_PX * REDUCTION
        scores = []
        for level_scores, level_px in zip(maps, self._levels_px, strict=True):
            (level_scores,) = level_scores
            centre = np.arange(len(level_scores)) * STRIDE_PX + CELL_OFFSET_PX - OUTER_PADDING_PX
            near = np.abs((centre + 0.5) * _MIDDLE_PX / level_px - cells[:, None]) <= _NEAR_PX
            rows = np.stack([level_scores[of_cell].max(axis=0) for of_cell in near])
            scores.append(np.stack([rows[:, of_cell].max(axis=1) for of_cell in near], axis=1))
        return np.stack(scores)


def composed(rng: np.random.Generator, sources: Sources) -> Image.Image:
    """One picture, square, 111 to 461 px wide: small films are enlarged before they are searched."""
    share = _log_uniform(rng, 0.24, 0.7) if rng.random() < 0.8 else rng.uniform(0.6, 1)
    image = background(rng, sources, round(_LARGEST_PX * share))
    numbers, chances = zip(*_PASTED, strict=True)
    for _ in range(rng.choice(numbers, p=chances)):
        _paste_face(rng, sources, image)
    if rng.random() < 0.08:
        _draw_shapes(rng, image)
    return _worn(rng, image)


def background(rng: np.random.Generator, sources: Sources, side: int) -> Image.Image:
    """(side, side): what may look like a face but is none, or a face of no size that is sought."""
    kind = rng.random()
    if kind < 0.3:
        image = crop(rng, sources.face(rng)[0], side, rng.uniform(0.15, 0.6))
    elif kind < 0.5:
        image = crop(rng, pick(rng, sources.frames), side, rng.uniform(0.2, 1))
    elif kind < 0.6:
        image = noise(rng, side)
        for _ in range(rng.integers(8, 40)):
            whole = sources.face(rng)[0] if rng.random() < 0.8 else pick(rng, sources.frames)
            scrap = crop(rng, whole, max(6, int(side * rng.uniform(0.06, 0.22))), rng.uniform(0.4, 1))
            upper = scrap.crop((0, 0, scrap.width, int(scrap.height * rng.uniform(0.4, 1))))
            image.paste(upper, tuple(rng.integers(-10, side, 2).tolist()))
    elif kind < 0.67 and sources.pages:
        image = crop(rng, pick(rng, sources.pages), side, rng.uniform(0.3, 1))
    elif kind < 0.8:
        image = noise(rng, side)
    else:
        image, n = noise(rng, side), int(rng.integers(2, 5))
        for i in range(n * n):
            scrap = crop(rng, sources.face(rng)[0], side // n + 1, rng.uniform(0.2, 0.7))
            image.paste(scrap, (i // n * side // n, i % n * side // n))
    if rng.random() < 0.2:
        _draw_shapes(rng, image)
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4) * side / _LARGEST_PX))
    return image


def _paste_face(rng: np.random.Generator, sources: Sources, image: Image.Image) -> None:
    """A face somewhere in `image`, partly outside it, partly covered."""
    picture, face_share = sources.face(rng)
    # In pixels of the middle level, whose windows are 67, 80 and 96: from too small to too large for them.
    wanted_px = _log_uniform(rng, 150, 350) if rng.random() < 0.1 else _log_uniform(rng, 45, 150)
    face_px = wanted_px * image.width / _MIDDLE_PX
    scale = face_px / (picture.height * face_share)
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    picture = _lit(rng, picture)
    narrower = rng.uniform(0.6, 1.1) if rng.random() < 0.3 else 1
    size = max(4, int(picture.width * scale * narrower)), max(4, int(picture.height * scale))
    if max(size) > 4 * image.width:
        return
    smooth = Image.Resampling.BICUBIC if rng.random() < 0.7 else Image.Resampling.BILINEAR
    picture = picture.resize(size, smooth)
    if rng.random() < 0.25:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.06 * face_px)))
    mask = _head_and_shoulders(rng, size) if rng.random() < 0.5 else Image.new("L", size, 255)
    angle_deg = rng.normal() * (8 if rng.random() < 0.8 else 25)
    if abs(angle_deg) > 2:
        picture, mask = (part.rotate(angle_deg, Image.Resampling.BILINEAR, expand=True) for part in (picture, mask))
    x, y = (int(rng.uniform(-0.35 * length, image.width - 0.65 * length)) for length in picture.size)
    image.paste(picture, (x, y), mask)
    if rng.random() < 0.2:
        cover = noise(rng, 64) if rng.random() < 0.3 else sources.face(rng)[0]
        cover = crop(rng, cover, int(face_px * rng.uniform(0.3, 1)) + 2, rng.uniform(0.1, 0.4))
        at = (int(x + rng.uniform(0, 0.9) * picture.width), int(y + rng.uniform(0, 0.9) * picture.height))
        image.paste(cover, at)


def _lit(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """Light from one side, or less of it, now and then."""
    if rng.random() < 0.25:
        pixels = np.asarray(picture, np.float32)
        light = np.linspace(rng.uniform(0.15, 1), rng.uniform(0.15, 1), pixels.shape[1])[None, :, None]
        picture = Image.fromarray((pixels * light).astype(np.uint8))
    if rng.random() < 0.25:
        picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(0.2, 1.5))
        picture = ImageEnhance.Contrast(picture).enhance(rng.uniform(0.3, 1.4))
    return picture


def _head_and_shoulders(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """A mask (L) without the corners, so that faces do not come as rectangles only."""
    width, height = size
    mask, margin = Image.new("L", size, 0), rng.uniform(0, 0.3)
    draw = ImageDraw.Draw(mask)
    left, top = margin * width, margin * height * 0.6
    draw.ellipse((left, top, width - left, height - top), fill=255)
    if rng.random() < 0.7:
        draw.rectangle((0 if rng.random() < 0.5 else width * 0.15, height * 0.78, width, height), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(max(0.5, 0.02 * width)))


def _draw_shapes(rng: np.random.Generator, image: Image.Image) -> None:
    """Letters, lines, discs and rings, onto `image`."""
    draw, side = ImageDraw.Draw(image), image.width
    for _ in range(rng.integers(3, 25)):
        colour = tuple(rng.integers(0, 256, 3).tolist())
        x, y, to_x, to_y = rng.integers(-20, side, 4).tolist()
        width, height = (rng.lognormal(np.log(side / 10), 0.8, 2).astype(int) + 1).tolist()
        kind, pen = rng.integers(5), int(rng.integers(1, 8))
        if kind == 0:
            draw.rectangle((x, y, x + width, y + height), fill=colour)
        elif kind == 1:
            draw.ellipse((x, y, x + width, y + height), fill=colour)
        elif kind == 2:
            draw.line((x, y, to_x, to_y), fill=colour, width=pen)
        elif kind == 3:
            letters = "".join(chr(code) for code in rng.integers(ord("A"), ord("z"), 8))
            draw.text((x, y), letters, fill=colour, font_size=int(rng.integers(8, 40)))
        else:
            draw.ellipse((x, y, x + width, y + height), outline=colour, width=pen)


def _worn(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """The whole picture as a film might show it: exposure, tint, grain, gamma, blur, JPEG."""
    if rng.random() < 0.5:
        image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.25, 1.4))
    if rng.random() < 0.4:
        image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.4, 1.4))
    if rng.random() < 0.3:
        image = ImageEnhance.Color(image).enhance(rng.uniform(0, 1.7))
    pixels = np.asarray(image, np.float32)
    if rng.random() < 0.3:
        pixels = pixels * np.exp(rng.normal(size=3) * 0.2).astype(np.float32)
    if rng.random() < 0.3:
        pixels = pixels + rng.normal(size=pixels.shape) * rng.uniform(1, 14)
    if rng.random() < 0.2:
        pixels = 255 * (np.clip(pixels, 0, 255) / 255) ** rng.uniform(0.5, 2)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.8)))
    if rng.random() < 0.08:  # something moved sideways
        image = image.filter(ImageFilter.Kernel((5, 5), [0] * 10 + [1] * 5 + [0] * 10))
    if rng.random() < 0.7:
        compressed = io.BytesIO()
        image.save(compressed, "JPEG", quality=int(rng.integers(12, 92)))
        image = Image.open(compressed).convert("RGB")
    return image


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _resized(image: Image.Image, side: int) -> Image.Image:
    return image.resize((side, side), Image.Resampling.BILINEAR)
