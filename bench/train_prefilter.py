"""Trains the prefilter of `engine.vision.prefilter` to foretell the detector's scores, and writes its file.

The only module that needs PyTorch, which is no requirement of Dramatis. What the shipped file was made from, and how
far this repeats it, stands in docs/models.md.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.prefilter_faces import Sources
from bench.prefilter_file import folded, write_prefilter
from bench.prefilter_pictures import N_SIZES, SIDE_PX, ComposedPictures, compose_pictures
from engine.errors import EvaluationError, StorageError
from engine.progress import ProgressLine
from engine.types import Progress, ignore_progress
from engine.vision.prefilter import REDUCTION
from engine.vision.search import CANDIDATE_SCORE
from engine.vision.weights import DETECTOR_FILE, Layer, read_network, weights_path

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    raise EvaluationError(
        "Training needs PyTorch, which is not installed; install torch beside the other packages "
        "(pip install torch, with .venv active) and try again."
    ) from error

LAYERS = ((5, 2, 16), (5, 2, 32), (3, 2, 48), (3, 1, 48), (3, 1, 48), (5, 1, N_SIZES))
"""Side of the window, stride and channels of each convolution. The strides make cells of 8 px, and the windows together
see 85 px, twice its middle face."""
PASSES = 18  # over the composed pictures; the shipped file had 13,800 steps over 12,000 of them
BATCH = 16
N_HELD_OUT = 250  # pictures, of other people's faces: about 600 faces
_LEARNING_RATE, _WARM_UP_STEPS, _WEIGHT_DECAY = 2e-3, 100, 1e-4
_LOOKS = 6  # at what was held out, the first before any step

GROUND_SCORE = -1.3  # under it the detector sees nothing at all, and so shall the prefilter
_LOWEST, _HIGHEST = -2.5, 0.6  # what lies beyond need not be told apart
_SURE_SCORE = -0.1  # a face foretold that high is proposed anyway, whatever its score is


def train_prefilter(
    lfw: Path, utkface: Path, out: Path, n_pictures: int, seed: int = 0, n_held_out: int = N_HELD_OUT
) -> dict[str, Any]:
    """Composes `n_pictures` from the folders of LFW and UTKFace and the demo, trains on them, writes `out` and tells
    how it went. 114 kB of memory and about 0.25 s of a processor a picture. Raises EvaluationError, StorageError."""
    if n_pictures < BATCH:
        raise EvaluationError(f"{n_pictures} pictures are too few to train on; compose {BATCH} or more.")
    if not out.parent.is_dir():
        raise StorageError(f"There is no folder {out.parent}; make it, or write elsewhere.")
    began_s = time.process_time()
    with ProgressLine() as progress:
        held_out = compose_pictures(
            Sources(lfw, utkface, True, progress), n_held_out, seed + 1, progress, "Composing held-out pictures"
        )
        pictures = compose_pictures(Sources(lfw, utkface, False, progress), n_pictures, seed, progress)
        composed_s = time.process_time() - began_s
        network, looks = train(pictures, held_out, seed, progress)
    try:
        write_prefilter(out, stored_layers(network), _mean_rgb())
    except OSError as error:
        raise StorageError(f"{out} cannot be written ({error.strerror}); write elsewhere.") from error
    return {
        "n_pictures": n_pictures,
        "n_held_out": n_held_out,
        "composing_s": composed_s,
        "training_s": time.process_time() - began_s - composed_s,
        "looks": looks,
        "file": str(out),
    }


def training_text(record: dict[str, Any]) -> str:
    lines = [
        f"{record['n_pictures']} pictures and {record['n_held_out']} of other people composed in "
        f"{record['composing_s']:.0f} s of a processor, trained in {record['training_s']:.0f} s",
        f"held-out faces proposed at {CANDIDATE_SCORE}, by the detector's score of them, and places proposed "
        "where it sees nothing:",
        "  step    loss   above 0   above -0.8   places a megapixel",
    ]
    lines += [
        f"{look['step']:6d}  {look['loss']:6.3f}  {look['recall_0']:8.3f}  {look['recall_08']:11.3f}  "
        f"{look['elsewhere_per_megapixel']:19.1f}"
        for look in record["looks"]
    ]
    last = record["looks"][-1]
    return "\n".join([*lines, f"{last['n_faces_0']} and {last['n_faces_08']} faces", f"written: {record['file']}"])


def new_network() -> nn.Sequential:
    """Convolutions, each but the last with batch normalisation and a ReLU. Takes what `prepared` gives, yields scores
    (n, 3, rows, columns)."""
    parts, n_in = [], 3
    for side, stride, n_out in LAYERS[:-1]:
        parts += [nn.Conv2d(n_in, n_out, side, stride, side // 2, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
        n_in = n_out
    side, stride, n_out = LAYERS[-1]
    last = nn.Conv2d(n_in, n_out, side, stride, side // 2)
    nn.init.normal_(last.weight, std=0.002)
    nn.init.constant_(last.bias, -1.5)  # nearly all is ground
    return nn.Sequential(*parts, last)


def prepared(pictures: torch.Tensor) -> torch.Tensor:
    """(n, h, w, 3) RGB uint8 as the prefilter's graph and the detector's have them: (n, 3, h, w) about 0."""
    mean = torch.from_numpy(_mean_rgb())[None, :, None, None]
    planes = (pictures.permute(0, 3, 1, 2).float() - mean) / 256
    return planes.contiguous(memory_format=torch.channels_last)


def train(
    pictures: ComposedPictures, held_out: ComposedPictures, seed: int = 0, progress: Progress = ignore_progress
) -> tuple[nn.Sequential, list[dict[str, float]]]:
    """The network after `PASSES` over `pictures`, and what `judged` says of it on the way."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = new_network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=_WEIGHT_DECAY)
    n_steps = max(1, len(pictures.pictures) * PASSES // BATCH)
    looked_at = {round(n_steps * i / (_LOOKS - 1)) for i in range(_LOOKS)}
    looks, losses = [], []
    for step in range(n_steps):
        chosen = np.sort(rng.choice(len(pictures.pictures), BATCH, replace=False))
        images = prepared(torch.from_numpy(pictures.pictures[chosen]))
        wanted = torch.from_numpy(pictures.scores[chosen].astype(np.float32))
        if rng.random() < 0.5:
            images, wanted = images.flip(3), wanted.flip(3)
        for group in optimizer.param_groups:
            falling = 0.5 * (1 + np.cos(np.pi * step / n_steps)) + 0.01
            group["lr"] = _LEARNING_RATE * min(1.0, (step + 1) / _WARM_UP_STEPS) * falling
        loss = loss_of(network(images), wanted)
        if step == 0:
            looks.append({"step": 0, "loss": loss.item(), **judged(network, held_out)})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step + 1 in looked_at:
            looks.append({"step": step + 1, "loss": float(np.mean(losses)), **judged(network, held_out)})
            losses = []
        progress("Training", (step + 1) / n_steps)
    return network, looks


def loss_of(foretold: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """How bad scores (n, 3, rows, columns) `foretold` are for those of the detector.

    A face that is foretold too low is lost, a place that is foretold too high costs a closer look: the former counts
    twelve times, the more so the surer the detector is, and hardly where the place is proposed anyway. On the ground
    only what rises above it counts, and the worst fiftieth of all counts once more.
    """
    scores = scores.clamp(_LOWEST, _HIGHEST)
    is_ground = scores < GROUND_SCORE
    matters = torch.sigmoid((scores - CANDIDATE_SCORE) * 8)
    too_high = torch.where(is_ground, foretold - scores.clamp(min=GROUND_SCORE - 0.15), (foretold - scores)).relu()
    too_low = (scores - foretold).relu() * ~is_ground
    proposed_anyway = torch.where(foretold > _SURE_SCORE, 0.2, 1.0)
    false = _robust(too_high)
    missed = _robust(too_low) * (12 * matters + 0.3) * proposed_anyway
    worst = false.flatten().topk(max(1, false.numel() // 50)).values
    return (
        0.5 * worst.mean()
        + 2 * false.mean()
        + 0.5 * ((foretold - scores) ** 2).mean()
        + 0.6 * missed.sum() / (matters.sum() + 20)  # 20: a batch without a face must not shout
    )


def judged(network: nn.Sequential, held_out: ComposedPictures) -> dict[str, float]:
    """What share of the faces that the detector scores above 0 and above -0.8 are proposed, at the candidate score and
    within a cell, how many faces these are, and how many places a megapixel (of the detector's picture) are proposed
    where nothing within two cells is above -0.8."""
    network.eval()
    with torch.no_grad():
        parts = torch.from_numpy(held_out.pictures).split(50)
        foretold = torch.cat([network(prepared(part)) for part in parts]).amax(1)
    network.train()
    scores = torch.from_numpy(held_out.scores.astype(np.float32)).amax(1)
    is_face, is_place = (_best_near(x, 2) == x for x in (scores, foretold))
    proposed = _best_near(foretold, 1) > CANDIDATE_SCORE
    result = {}
    for name, least in (("0", 0.0), ("08", -0.8)):
        faces = is_face & (scores > least)
        result[f"n_faces_{name}"] = int(faces.sum())
        result[f"recall_{name}"] = float(proposed[faces].float().mean()) if faces.any() else float("nan")
    elsewhere = is_place & (foretold > CANDIDATE_SCORE) & (_best_near(scores, 2) < -0.8)
    megapixels = len(scores) * (SIDE_PX * REDUCTION) ** 2 / 1e6
    return {**result, "elsewhere_per_megapixel": float(elsewhere.sum()) / megapixels}


def stored_layers(network: nn.Sequential) -> list[Layer]:
    """The trained network as plain convolutions."""
    layers: list[Layer] = []
    for part in network:
        if isinstance(part, nn.Conv2d):
            weights = part.weight.detach().numpy().astype(np.float64)
            bias = np.zeros(len(weights)) if part.bias is None else part.bias.detach().numpy()
            layers.append(Layer("convolution", weights, bias, stride=part.stride, padding=part.padding))
        elif isinstance(part, nn.BatchNorm2d):
            mean, variance, factor, offset = (
                value.detach().numpy().astype(np.float64)
                for value in (part.running_mean, part.running_var, part.weight, part.bias)
            )
            factor = factor / np.sqrt(variance + part.eps)
            layers[-1] = folded(layers[-1], factor, offset - mean * factor)
    return layers


def _robust(error: torch.Tensor) -> torch.Tensor:
    """Squared up to a half, then straight: the teacher is not always right."""
    return torch.where(error < 0.5, error**2, error - 0.25)


def _best_near(scores: torch.Tensor, n_cells: int) -> torch.Tensor:
    return functional.max_pool2d(scores[:, None], 2 * n_cells + 1, 1, n_cells)[:, 0]


@cache
def _mean_rgb() -> np.ndarray:
    """The detector's own, so that both take the same pictures."""
    return read_network(weights_path(DETECTOR_FILE)).mean_rgb
