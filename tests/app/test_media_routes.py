"""What the browser fetches of a film: ranges, pictures, boxes, downloads; and that nothing else can be had."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from app.routes.media import FILM_BYTES, content_disposition
from engine.config import AnalysisSettings, database_path, films_dir, pictures_dir
from engine.media.video import probe
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store
from engine.store.decided_names import RENAME
from engine.store.films import FilmRecord, FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track

SHA = "a" * 64
TITLE = 'Юлия & "Bo": part 1/2'


@pytest.fixture
def film(own_data, demo) -> FilmRecord:
    """The demo's trailer as an uploaded film with an analysis: one known person, one stranger."""
    films = FilmRepository(open_store(database_path()))
    home = films_dir() / SHA
    shutil.copyfile(demo / "trailer.mp4", home)
    video = probe(home)
    films.add(video, SHA, TITLE)
    films.save_analysis(analysis(video))
    found = films.by_sha256(SHA)
    assert found is not None
    return found


def analysis(video) -> Analysis:
    def track(number: int, start_s: float) -> Track:
        t_s = start_s + np.arange(9) / 8
        box = np.array([300, 150, 460, 310], np.float32)
        vector = np.ones((2, 128), np.float32) / 128**0.5
        faces = FaceSamples(
            t_s[[2, 6]], np.stack([box, box]), np.array([0.4, 0.9], np.float32), vector, "dlib-resnet-1"
        )
        return Track(number, start_s, start_s + 1.0, t_s, np.tile(box, (9, 1)), np.ones(9, np.float32), faces)

    tracks = (track(1, 2.0), track(2, 70.0))
    return Analysis(
        video=video,
        video_sha256=SHA,
        engine_version="0.1.0",
        model_ids=("dlib-mmod-1", "dlib-resnet-1"),
        settings=AnalysisSettings().as_dict(),
        shots=(Interval(0.0, video.duration_s),),
        people=(
            Person("known:anna", "=Anna", "known", Timeline([Interval(2.0, 3.0)]), 0.9, (1,)),
            Person("unknown:1", "unknown_1", "unknown", Timeline([Interval(70.0, 71.0)]), 0.5, (2,)),
        ),
        tracks=tracks,
        person_of_track={1: "known:anna", 2: "unknown:1"},
        distance_of_track={1: 0.41, 2: None},
        n_frames_damaged=0,
        warnings=(),
    )


def test_the_film_comes_in_ranges_no_longer_than_a_browser_takes_at_once(film, client, demo):
    whole = (demo / "trailer.mp4").read_bytes()
    path = f"/media/{film.token}/film"
    answer = client.get(path)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, whole, "video/mp4")
    assert answer.headers["Accept-Ranges"] == "bytes"
    for asked, first, last in (
        ("bytes=0-", 0, min(FILM_BYTES, len(whole)) - 1),
        ("bytes=100-199", 100, 199),
        (f"bytes=0-{10**12}", 0, min(FILM_BYTES, len(whole)) - 1),
        (f"bytes={len(whole) - 5}-", len(whole) - 5, len(whole) - 1),
        ("bytes=-7", len(whole) - 7, len(whole) - 1),
    ):
        answer = client.get(path, headers={"Range": asked})
        assert answer.status_code == 206, asked
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
        assert answer.data == whole[first : last + 1]
    for asked in (f"bytes={len(whole)}-", "bytes=9-3"):
        assert client.get(path, headers={"Range": asked}).status_code in (200, 416)
    assert client.head(path).headers["Content-Length"] == str(len(whole))


def test_a_preview_goes_before_a_film_that_browsers_do_not_play(film, client):
    (films_dir() / SHA).write_bytes(b"\x1a\x45\xdf\xa3 no webm")
    answer = client.get(f"/media/{film.token}/film")
    assert answer.status_code == 404
    assert "cannot be played in a browser" in answer.get_data(as_text=True)
    (pictures_dir(film.token) / "preview.mp4").write_bytes(b"preview")
    assert client.get(f"/media/{film.token}/film").data == b"preview"


def picture(answer) -> Image.Image:
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    return Image.open(io.BytesIO(answer.data))


def test_pictures_are_made_when_asked_for_and_private(film, client):
    base = f"/media/{film.token}"
    assert picture(client.get(f"{base}/poster")).width <= 640
    for path in (f"{base}/person/known:anna", f"{base}/person/unknown:1", f"{base}/crop/1/0", f"{base}/crop/2/1"):
        answer = client.get(path)
        assert picture(answer).size == (160, 160)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert client.get(f"{base}/crop/1/0?analysis=1").headers["Cache-Control"].startswith("private, max-age=")
    assert picture(client.get(f"{base}/crop/1/0?alone=1")).size == (160, 160)
    # With the film gone, what was made stays.
    (films_dir() / SHA).unlink()
    assert client.get(f"{base}/crop/1/1").status_code == 200
    assert client.get(f"{base}/poster").status_code == 200


def test_one_face_of_a_track_is_made_alone(film, client):
    assert picture(client.get(f"/media/{film.token}/crop/1/1?alone=1")).size == (160, 160)
    assert len(list(pictures_dir(film.token).glob("crop_*.jpg"))) == 1
    client.get(f"/media/{film.token}/crop/1/0")
    assert len(list(pictures_dir(film.token).glob("crop_*.jpg"))) == 2


FILES = ("poster", "film", "boxes?from=0&to=9", "screentime.json", "screentime.csv", "person/known:anna", "crop/1/0")


def test_no_film_is_a_sentence(film, client):
    for token in ("none", "%2e%2e", SHA, "x" * 5000, "\u202e", film.token.swapcase()):
        for path in FILES:
            answer = client.get(f"/media/{token}/{path}")
            assert answer.status_code == 404, (token, path)
            assert answer.get_data(as_text=True).count("\n") == 1


def test_what_is_not_in_the_film_is_a_sentence(film, client):
    wrong = ("person/known:bea", "person/%2e%2e%2f%2e%2e%2fsecret-key", "crop/1/2", "crop/9/0", f"crop/{10**20}/0")
    for path in wrong:
        answer = client.get(f"/media/{film.token}/{path}")
        assert answer.status_code == 404, path
        assert answer.get_data(as_text=True).count("\n") == 1


def test_boxes_of_a_stretch_and_no_more(film, client):
    path = f"/media/{film.token}/boxes"
    answer = client.get(f"{path}?from=0&to=60")
    assert answer.json == {
        "tracks": [
            {
                "id": 1,
                "person": "known:anna",
                "boxes": [[round(2 + n / 8, 3), 300.0, 150.0, 460.0, 310.0] for n in range(9)],
            }
        ]
    }
    again = client.get(f"{path}?from=0&to=60", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{path}?from=2.3&to=2.4").json["tracks"][0]["boxes"][0][0] <= 2.3
    assert client.get(f"{path}?from=10&to=20").json == {"tracks": []}
    for query in (
        "",
        "?from=0",
        "?from=a&to=b",
        "?from=0&to=130",
        "?from=nan&to=nan",
        "?from=9&to=1",
        "?from=0&to=inf",
    ):
        answer = client.get(path + query)
        assert answer.status_code in (400, 404)
        assert answer.get_data(as_text=True).count("\n") == 1


def test_a_new_analysis_changes_the_boxes_version(film, client):
    path = f"/media/{film.token}/boxes?from=0&to=60"
    before = client.get(path).headers["ETag"]
    FilmRepository(open_store(database_path())).save_analysis(analysis(probe(films_dir() / SHA)))
    answer = client.get(path, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before


def test_downloads_have_todays_names_and_a_safe_file_name(film, client):
    correction = {"person_id": "unknown:1", "name": "Zoë"}
    CorrectionLog(open_store(database_path())).append(SHA, RENAME, correction)
    answer = client.get(f"/media/{film.token}/screentime.json")
    record = json.loads(answer.data)
    assert record["schema"] == "dramatis.screentime/1"
    assert [person["name"] for person in record["people"]] == ["=Anna", "Zoë"]
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Bo part 1 2 screen time.json"; '
        "filename*=UTF-8''%D0%AE%D0%BB%D0%B8%D1%8F%20%26%20Bo%20part%201%202%20screen%20time.json"
    )
    answer = client.get(f"/media/{film.token}/screentime.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][0] == "'=Anna"
    assert rows[2][0] == "Zoë"


@pytest.mark.parametrize(
    "title",
    [
        *(
            "a\r\nSet-Cookie: x=1",
            '"; filename="x.exe',
            "../../etc/passwd",
            "",
            "...",
            "\u202egpj.exe",
            "字" * 300,
            "a%00b",
        )
    ],
)
def test_a_title_is_only_ever_a_name(title):
    header = content_disposition(title, "csv")
    found = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9 ._-]+)\"; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", header)
    assert found, header
    assert found[1].endswith("screen time.csv")
    assert not found[1].startswith(".")
    assert header.isascii() and "%2F" not in header and "%0" not in header
