"""A browser shows, at each time, the frame that the film shows then: in previews and in films it plays as they are."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import sync_playwright

from bench.chromium import ARGUMENTS, find_chromium
from engine.media.playable import content_type, is_browser_playable
from engine.media.preview import write_preview
from engine.media.video import FrameReader

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="needs Chromium, which is not here")

SHOWN = """async ([data, type, times]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const video = document.createElement('video');
  video.muted = true;
  const event = name => new Promise((done, failed) => {
    video['on' + name] = done;
    video.onerror = () => failed(new Error(video.error.message));
    setTimeout(() => failed(new Error('nothing happens: ' + name)), 20000);
  });
  video.src = URL.createObjectURL(new Blob([bytes], {type}));
  await event('loadeddata');
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const paper = canvas.getContext('2d', {willReadFrequently: true});
  const shown = [];
  for (const time of times) {
    // A busy machine shows the picture after it says that it is there. It tells of a new one; where the time lies in
    // the frame that is shown already, it may tell of nothing.
    const picture = new Promise((tell) => video.requestVideoFrameCallback(tell));
    video.currentTime = time;
    await event('seeked');
    await Promise.race([picture, new Promise((tell) => setTimeout(tell, 1000))]);
    paper.drawImage(video, 0, 0);
    shown.push([...paper.getImageData(0, canvas.height >> 1, canvas.width, 1).data]);
  }
  return {size: [canvas.width, canvas.height], duration: video.duration, shown};
}"""


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("as_it_is.mp4", {"options": {"movflags": "+faststart"}}),
        ("rotated_as_it_is.mp4", {"options": {"movflags": "+faststart"}, "rotation": 180}),
        ("as_it_is.webm", {"codec": "libvpx-vp9"}),
        ("copied.mkv", {}),
        ("copied.ts", {}),
        ("late.mkv", {"times_s": [3 + n / 24 for n in range(40)]}),
        ("vfr.avi.mkv", {"codec": "mpeg4", "times_s": [n / 24 + (n % 7) / 200 for n in range(40)]}),
        ("encoded.mpg", {"codec": "mpeg2video"}),
        ("odd.avi", {"codec": "mpeg4", "size": (93, 65)}),
        ("rotated.mov", {"codec": "mpeg4", "rotation": 180}),
    ],
)
def test_the_browser_shows_the_films_frames_at_the_films_times(page, tmp_path, clips, name, wanted):
    wanted = dict(wanted)
    film = clips.write(tmp_path / name, clips.numbered(40, *wanted.pop("size", (96, 64))), **wanted)
    playable = film
    if "as_it_is" in name:
        assert is_browser_playable(film)
    else:
        playable = tmp_path / "preview.mp4"
        write_preview(film, playable)
    with FrameReader(film) as reader:
        frames = [(clips.number_of(frame.image), frame.t_s) for frame in reader]
    starts = [t_s for _, t_s in frames]
    ends = [*starts[1:], starts[-1] + 1 / 24]
    chosen = [0, 1, 2, 13, 14, 25, len(frames) - 2, len(frames) - 1]
    # a quarter and three quarters into the time of a frame: a clock off by a third of a frame shows another one
    times = [starts[n] + share * (ends[n] - starts[n]) for n in chosen for share in (0.25, 0.75)]
    data = base64.b64encode(playable.read_bytes()).decode()
    answer = page.evaluate(SHOWN, [data, content_type(playable), times])
    width = answer["size"][0]
    seen = [number_in(row, width) for row in answer["shown"]]
    assert seen == [frames[n][0] for n in chosen for _ in range(2)]
    assert answer["duration"] >= starts[-1]


def number_in(row: list[int], width: int) -> int:
    """What `clips.number_of` says, from one row of RGBA."""
    column = -(-width // 8)
    return sum((row[4 * int((bit + 0.5) * column)] > 128) << bit for bit in range(8))
