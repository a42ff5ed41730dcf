"""The child that decodes a HEIF picture for `engine.media.heif`: the file comes in by stdin, and out go a line of mode,
width and height and then the pixels, row by row, as Pillow holds them."""

from __future__ import annotations

import sys

from engine.media.limits import restrict


def _main(timeout_s: int) -> None:
    content = sys.stdin.buffer.read()
    restrict(timeout_s)
    import pi_heif  # under the limits from here on

    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    picture = pi_heif.open_heif(content).to_pillow()
    if picture.mode not in ("L", "LA", "I;16", "RGB", "RGBA"):
        picture = picture.convert("RGB")
    sys.stdout.buffer.write(f"{picture.mode} {picture.width} {picture.height}\n".encode())
    sys.stdout.buffer.write(picture.tobytes())


if __name__ == "__main__":
    _main(int(sys.argv[1]))
