"""What training pictures of the prefilter are composed of: faces, faces cut to half profiles, frames, noise.

Faces come from Labeled Faces in the Wild, from UTKFace and from the demo, and what stands behind them from the demo's
trailer and the pictures of the app's pages. No film is needed, and none was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from engine.config import PROJECT_DIR
from engine.errors import EvaluationError
from engine.evaluate.people_pictures import pictures_of_people
from engine.media.images import load_image, picture_files
from engine.media.video import FrameReader, probe
from engine.types import Progress, ignore_progress
from engine.vision.align import FaceAligner

HELD_OUT_EVERY = 10  # of people and pictures: these are for the pictures that the training is judged by
MOST_TURNED_SHARE = 0.08  # of LFW: the others are too frontal to be cut along a profile
LFW_FACE_SHARE = 1 / 2.2  # LFW shows 2.2 times the box in which its makers' detector found the face
UTKFACE_FACE_SHARE, DEMO_FACE_SHARE = 0.7, 0.5  # of the picture's height, looked at by eye
_FRAMES_EVERY_S = 0.5
_FRAME_PX, _DEMO_PX, _PAGE_PX = 960, 420, 900  # longest sides: none is shown larger

_PROFILE = (
    *((-60, -30, -5), (-38, -12, -2), (-22, -6, 1), (-8, -6, 0), (0, -9, -3), (10, 0, 0), (18, 3, 9)),
    *((23, -4, 0), (29, -2, 3), (36, -5, 0), (43, -4, 2), (50, -20, -8), (70, -30, -8)),
)
"""A face from the side, from above the forehead down to the neck: so far below the eyes, and between so far before the
base of the nose, in eighteenths of the way from the eyes to the base of the nose. Drawn after faces of LFW by eye."""


@dataclass(frozen=True, slots=True)
class TurnedFace:
    """A picture whose face is turned: the middle between the eyes and the base of the nose, in shares of its width
    and height."""

    path: Path
    eyes_xy: tuple[float, float]
    nose_xy: tuple[float, float]


class Sources:
    """The pictures to compose from. With `held_out` every tenth person of LFW and every tenth other picture of a face,
    else all the others; what stands behind the faces is the same for both.

    Takes 0.2 GB, and about half a minute for LFW, whose most turned faces are looked for. Raises EvaluationError if a
    folder holds too few pictures, MediaError.
    """

    def __init__(self, lfw: Path, utkface: Path, held_out: bool = False, progress: Progress = ignore_progress) -> None:
        def chosen(items: Sequence, of: Path) -> list:
            items = [item for i, item in enumerate(items) if (i % HELD_OUT_EVERY == 0) == held_out]
            if not items:
                raise EvaluationError(f"{of} holds too few pictures to hold some of them out; name another folder.")
            return items

        demo = PROJECT_DIR / "demo"
        people = pictures_of_people(lfw)
        self.lfw = [path for person in chosen(list(people), lfw) for path in people[person]]
        self.utkface = chosen(picture_files(utkface), utkface)
        self.demo = [_thumbnail(path, _DEMO_PX) for path in chosen(sorted(demo.rglob("*.jpg")), demo)]
        self.turned = most_turned(self.lfw, progress)
        self.pages = [_thumbnail(path, _PAGE_PX) for path in picture_files(PROJECT_DIR / "docs" / "img")]
        self.frames = _frames(demo / "trailer.mp4")

    def face(self, rng: np.random.Generator) -> tuple[Image.Image, float]:
        """A picture with a face in its middle, and the height of the face's box in heights of the picture."""
        kind = rng.random()
        if kind < 0.34:  # so many, for profiles are rare in these collections and common in films
            most_turned_first = int(len(self.turned) * rng.random() ** 1.7)
            return half_profile(rng, self.turned[most_turned_first], self), LFW_FACE_SHARE
        if kind < 0.76:
            return _picture(pick(rng, self.lfw)), LFW_FACE_SHARE
        if kind < 0.84:
            return _picture(pick(rng, self.utkface)), UTKFACE_FACE_SHARE
        return pick(rng, self.demo), DEMO_FACE_SHARE


def most_turned(paths: Sequence[Path], progress: Progress = ignore_progress) -> list[TurnedFace]:
    """The most turned faces of pictures framed as in LFW, one at least, the most turned first."""
    aligner, turned = FaceAligner(), []
    for i, path in enumerate(paths):
        image = load_image(path)
        height, width = image.shape[:2]
        half = height * LFW_FACE_SHARE / 2
        box = np.array([[width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half]])
        points = aligner.align(image, box)[1][0].astype(float)
        left, right, nose = points[:2].mean(axis=0), points[2:4].mean(axis=0), points[4]
        apart = max(float(np.linalg.norm(left - right)), 1.0)
        eyes = (left + right) / 2
        # The nose leaves the middle, and the eyes draw together: landmarks of half profiles are too poor for one alone.
        turn = abs((nose - eyes) @ (left - right)) / apart / (2 * half) - 0.5 * apart / (2 * half)
        size = np.array([width, height])
        turned.append((turn, i, TurnedFace(path, tuple((eyes / size).tolist()), tuple((nose / size).tolist()))))
        progress("Looking for turned faces", (i + 1) / len(paths))
    turned.sort(key=lambda entry: (-entry[0], entry[1]))
    return [face for _, _, face in turned[: max(1, round(len(turned) * MOST_TURNED_SHARE))]]


def half_profile(rng: np.random.Generator, face: TurnedFace, sources: Sources) -> Image.Image:
    """A turned face, mostly with its far side cut away along a profile, something else standing in its place."""
    image = _picture(face.path)
    if rng.random() < 0.3:
        return image
    width, height = image.size
    (eyes_x, eyes_y), (nose_x, nose_y) = ((x * width, y * height) for x, y in (face.eyes_xy, face.nose_xy))
    towards = 1 if nose_x > eyes_x else -1
    unit = abs(nose_y - eyes_y) / 18
    shift = rng.uniform(-7, 7) * height / 150
    line = [
        (nose_x + towards * (shift + rng.uniform(low, high) * unit), eyes_y + down * unit)
        for down, low, high in _PROFILE
    ]
    far = (2 * width if towards > 0 else -width, height)
    around = [(far[0], -far[1]), (line[0][0], -far[1]), *line, (line[-1][0], 2 * far[1]), (far[0], 2 * far[1])]
    cut = Image.new("L", image.size, 0)
    ImageDraw.Draw(cut).polygon(around, fill=255)
    cut = cut.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.5)))
    kind, side = rng.random(), max(image.size)
    if kind < 0.3:
        ground = noise(rng, side)
    elif kind < 0.6:
        ground = crop(rng, pick(rng, sources.frames), side, rng.uniform(0.1, 0.6))
    elif kind < 0.75:
        ground = Image.new("RGB", (side, side), tuple(rng.integers(0, 256, 3).tolist()))
    else:
        ground = crop(rng, _picture(pick(rng, sources.lfw)), side, 0.3)
    image.paste(ground.crop((0, 0, width, height)), (0, 0), cut)
    return image


def pick(rng: np.random.Generator, items: Sequence[Any]) -> Any:
    return items[rng.integers(len(items))]


def crop(rng: np.random.Generator, image: Image.Image, side: int, share: float) -> Image.Image:
    """A square somewhere in `image`, that `share` of its shorter side wide, as (side, side)."""
    taken = max(8, int(min(image.size) * share))
    x, y = (rng.integers(0, length - taken + 1) for length in image.size)
    return image.resize((side, side), Image.Resampling.BICUBIC, box=(x, y, x + taken, y + taken))


def noise(rng: np.random.Generator, side: int) -> Image.Image:
    """Clouds of three sizes, grey or coloured: (side, side)."""
    clouds = np.zeros((side, side, 3), np.float32)
    for octave in (1, 3, 5):
        n = 2 ** (octave + rng.integers(0, 2))
        colour = rng.normal(size=(n, n, 3)) * (rng.random() < 0.4)
        small = (colour + rng.normal(size=(n, n, 1))) * rng.random() * 70 / octave**0.5
        levels = Image.fromarray(np.clip(small + 128, 0, 255).astype(np.uint8))
        clouds += np.asarray(levels.resize((side, side), Image.Resampling.BICUBIC), np.float32) - 128
    tone = rng.uniform(30, 220) + rng.normal(size=3) * 25
    return Image.fromarray(np.clip(clouds * rng.uniform(0.2, 1) + tone, 0, 255).astype(np.uint8))


def _picture(path: Path) -> Image.Image:
    return Image.fromarray(_loaded(path))


@lru_cache(maxsize=256)  # the most turned faces come again and again
def _loaded(path: Path) -> np.ndarray:
    return load_image(path)


@cache
def _thumbnail(path: Path, longest_px: int) -> Image.Image:
    image = Image.fromarray(load_image(path))
    image.thumbnail((longest_px, longest_px))
    return image


@cache
def _frames(film: Path) -> list[Image.Image]:
    times_s = np.arange(0, probe(film).duration_s, _FRAMES_EVERY_S).tolist()
    with FrameReader(film, sample_times_s=times_s, longest_side_px=_FRAME_PX) as frames:
        return [Image.fromarray(frame.image) for frame in frames]
