"""Hiding parts of a face: what is hidden, and that the part that was exchanged is the one that is named."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from engine.identity.why import PARTS, PartEffect, hidden, sentence, why
from engine.media.images import load_image
from engine.vision.scales import find_faces

DEMO = Path(__file__).resolve().parents[3] / "demo" / "gallery"
PEOPLE = ("Amara_Diallo", "Clara_Winther", "Edgar_Lowell", "Finn_Gallagher")


@pytest.fixture
def embedder(models):
    return models.embedder


@pytest.fixture(scope="module")
def chips(models):
    images = [load_image(DEMO / person / "01.jpg") for person in PEOPLE]
    return [models.aligner.align(image, find_faces(models.detector, image).boxes_xyxy[:1])[0][0] for image in images]


def test_only_the_part_is_hidden(chips):
    for (name, boxes), view in zip(PARTS.items(), hidden(chips[0]), strict=True):
        changed = (view != chips[0]).any(axis=2)
        far, inside = np.ones((150, 150), bool), np.zeros((150, 150), bool)
        for left, top, right, bottom in boxes:
            far[max(0, top - 8) : bottom + 8, max(0, left - 8) : right + 8] = False
            inside[top:bottom, left:right] = True
        assert not changed[far].any(), name
        assert changed[inside].mean() > 0.5, name


def test_the_exchanged_part_speaks_against_the_face_it_was_put_into(chips, embedder):
    """One person's part in another's face: to the first person, chance would name it in one case of six."""
    vectors = embedder.embed(np.stack(chips))
    right, n = 0, 0
    for a, b in list(permutations(range(3), 2))[:3]:
        for part, boxes in PARTS.items():
            mixed = chips[a].copy()
            for left, top, right_px, bottom in boxes:
                mixed[top:bottom, left:right_px] = chips[b][top:bottom, left:right_px]
            others = np.delete(vectors, [a, b], axis=0)
            right += why(mixed, vectors[a], others, embedder).parts[-1].part == part
            n += 1
    assert right >= n / 2


def test_the_answer_is_the_same_every_time_and_its_parts_are_in_order(chips, embedder):
    vectors = embedder.embed(np.stack(chips))
    one, again = (why(chips[0], vectors[1], vectors[2:], embedder) for _ in range(2))
    assert one == again
    assert {part.part for part in one.parts} == set(PARTS)
    effects = [part.effect for part in one.parts]
    assert effects == sorted(effects, reverse=True)
    alone = why(chips[0], vectors[1], np.empty((0, 128)), embedder)
    assert all(part.effect == part.change for part in alone.parts)
    assert alone.distance == pytest.approx(float(np.linalg.norm(vectors[0] - vectors[1])), abs=1e-5)


def test_a_chip_of_another_size_is_a_defect():
    with pytest.raises(ValueError, match="chip"):
        hidden(np.zeros((100, 100, 3), np.uint8))


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ({"eyes": 0.004, "nose": 0.0}, "No part by itself makes the likeness, the face as a whole does."),
        ({"nose": 0.1, "eyes": 0.02}, "Above all the nose makes the likeness."),
        ({"brows": 0.1, "nose": 0.06, "chin": 0.0}, "Above all the brows and nose make the likeness."),
        (
            {"nose": 0.1, "mouth": 0.09, "chin": 0.08, "eyes": -0.1},
            "Above all the nose, mouth and chin make the likeness; the eyes speak against it.",
        ),
    ],
)
def test_the_sentence(effects, said):
    assert sentence([PartEffect(part, effect, effect) for part, effect in effects.items()]) == said
