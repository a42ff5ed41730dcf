"""Films in chunks through Flask's test client: from the first byte to the film, and every way to get it wrong."""

from __future__ import annotations

import pytest

from app.services import uploads
from engine.config import incoming_dir

pytestmark = pytest.mark.usefixtures("own_data")


def begin(client, name: str = "My film.mp4", size: int = 10) -> str:
    answer = client.post("/upload", json={"name": name, "size": size})
    assert answer.status_code == 201
    assert answer.json["received"] == 0
    assert answer.json["chunk_bytes"] == uploads.CHUNK_BYTES
    return answer.json["id"]


def put(client, upload: str, offset: object, data: bytes):
    return client.put(f"/upload/{upload}?offset={offset}", data=data, content_type="application/octet-stream")


def refused(answer, status: int) -> str:
    assert answer.status_code == status, answer.data
    assert set(answer.json) <= {"error", "received"}
    assert answer.json["error"].endswith(".") and "\n" not in answer.json["error"]
    return answer.json["error"]


def test_a_film_arrives_in_chunks_and_twice_is_once(client, demo):
    film = (demo / "trailer.mp4").read_bytes()
    half = len(film) // 2
    first = begin(client, "Trailer.mp4", len(film))
    assert put(client, first, 0, film[:half]).json == {"received": half}
    assert put(client, first, 0, film[:half]).json == {"received": half}
    assert client.get(f"/upload/{first}").json["received"] == half
    answer = put(client, first, half + 1, film[half + 1 :])
    refused(answer, 409)
    assert answer.json["received"] == half
    assert put(client, first, half, film[half:]).json == {"received": len(film)}
    answer = client.post(f"/upload/{first}/finish")
    assert answer.status_code == 200
    assert answer.json["is_new"] is True
    assert answer.json["analysed_at"] is None
    assert client.post(f"/upload/{first}/finish").json["film"] == answer.json["film"]
    assert client.get(f"/media/{answer.json['film']}/film").data == film
    second = begin(client, "Again.mp4", len(film))
    put(client, second, 0, film)
    again = client.post(f"/upload/{second}/finish").json
    assert (again["film"], again["is_new"]) == (answer.json["film"], False)


def test_what_is_no_film_is_refused_and_gone(client):
    upload = begin(client, "<script>.mp4", 6)
    put(client, upload, 0, b"%PDF-1")
    refused(client.post(f"/upload/{upload}/finish"), 400)
    refused(client.get(f"/upload/{upload}"), 404)
    assert not [path for path in incoming_dir().iterdir() if path.name == upload]


def test_a_cancelled_upload_is_gone(client):
    upload = begin(client)
    put(client, upload, 0, b"12345")
    for _ in range(2):
        assert client.delete(f"/upload/{upload}").status_code == 200
    refused(client.get(f"/upload/{upload}"), 404)
    refused(put(client, upload, 5, b"67890"), 404)
    refused(client.post(f"/upload/{upload}/finish"), 404)


def test_an_upload_without_name_or_size_is_refused(client):
    bodies = (
        *(None, [], "x", {}, {"name": "a"}, {"size": 1}, {"name": 1, "size": 1}, {"name": "a", "size": "1"}),
        *({"name": "a", "size": 1.5}, {"name": "a", "size": 0}, {"name": "a", "size": -1}, {"name": "a", "size": True}),
    )
    for body in bodies:
        refused(client.post("/upload", json=body), 400)
    refused(client.post("/upload", data=b"{", content_type="application/json"), 400)


def test_an_upload_that_cannot_fit_is_refused(client):
    assert "room" in refused(client.post("/upload", json={"name": "a", "size": 10**15}), 507)


def test_a_chunk_without_a_place_is_refused(client):
    upload = begin(client)
    for offset in ("", "-1", "x", "1e3", "٣", "9" * 30):
        refused(put(client, upload, offset, b"1"), 400)


def test_too_much_is_refused(client):
    upload = begin(client, size=5)
    refused(put(client, upload, 0, b"123456"), 413)
    refused(put(client, upload, 0, b"x" * (uploads.CHUNK_BYTES + 1)), 413)
    assert client.get(f"/upload/{upload}").json["received"] == 0
    refused(client.post(f"/upload/{upload}/finish"), 400)


def test_no_upload_is_a_sentence(client):
    for upload in ("x", "%2e%2e", "a" * 24, "A" * 5000, "meta.json", "\u202e"):
        refused(client.get(f"/upload/{upload}"), 404)
        refused(put(client, upload, 0, b"x"), 404)
        refused(client.post(f"/upload/{upload}/finish"), 404)
