"""A cast of 500 people with ten pictures each, none of which exists: for measuring the inspector and for looking at it.
``python -P -m bench.many_faces`` puts it into the data folder."""

from __future__ import annotations

import numpy as np

from bench.many_strangers import strangers_analysis
from engine.config import database_path
from engine.store.database import Store, open_store
from engine.store.galleries import GalleryRepository
from engine.types import Gallery
from engine.vision.model_ids import EMBEDDER_ID

N_PEOPLE, N_PICTURES = 500, 10


def save_many_faces(store: Store, name: str = "Five thousand") -> str:
    """Puts the cast into a store and returns its name; the same each time."""
    tracks = strangers_analysis(N_PEOPLE, N_PICTURES, n_faces=1).tracks
    names = tuple(f"Person {row // N_PICTURES:03}" for row in range(len(tracks)))
    paths = tuple(f"{row}.jpg" for row in range(len(tracks)))
    sha = tuple(f"{row:012x}" + "0" * 52 for row in range(len(tracks)))
    vectors = np.concatenate([track.faces.vectors for track in tracks]).astype(np.float32)
    GalleryRepository(store).save(Gallery(name, EMBEDDER_ID, names, paths, sha, vectors))
    return name


if __name__ == "__main__":
    print(save_many_faces(open_store(database_path())))
