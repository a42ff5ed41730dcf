"""Two hundred uploads that nobody should send: each is refused in one sentence, and nothing stays behind."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import sqlite3
import struct
import sys
import tarfile
import wave
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from engine.config import database_path
from engine.errors import MediaError
from engine.pipeline.import_film import delete_film, film_file, import_upload
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.store.incoming import CHUNK_BYTES, Incoming
from engine.store.upload import BadUpload, shown_name

NAMES = [
    "film.mp4",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\film.mp4",
    "/etc/shadow",
    "film.mp4\x00.txt",
    "a\nb\r\nSet-Cookie: x=1.mp4",
    "\u202e4pm.exe",
    "concat:/etc/passwd|/etc/hostname",
    "http://192.0.2.1/film.m3u8",
    "file:///etc/passwd",
    "-i",
    "%s%n%d",
    "<script>alert(1)</script>.mp4",
    "'; DROP TABLE films; --.mp4",
    "$(touch x).mp4",
    "film-%03d.png",
    "CON",
    ".",
    "x" * 5000 + ".mp4",
    "\ud800\udfff.mp4",
]


@pytest.mark.parametrize("share", [16, pytest.param(1, marks=pytest.mark.slow)], ids=["every sixteenth", "all"])
def test_two_hundred_hostile_uploads(tmp_path, monkeypatch, demo, share):
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    store, incoming = open_store(database_path()), Incoming(free_reserve_bytes=0)
    uploads = [*no_films(demo), *claims(demo), *cut_off(demo), *damaged(demo)]
    assert len(uploads) >= 200
    uploads = uploads[::share]

    def send(number: int) -> tuple[str, str]:
        kind, content = uploads[number]
        name = NAMES[number % len(NAMES)]
        try:
            id = incoming.begin(name, len(content)).id
        except BadUpload as error:
            assert name != shown_name(name) and str(error).endswith("without folders.")
            id = incoming.begin(shown_name(name), len(content)).id  # the content is no better
        for at in range(0, len(content), CHUNK_BYTES):
            incoming.append(id, at, content[at : at + CHUNK_BYTES])
        try:
            film = import_upload(incoming, id, store).film
        except MediaError as error:
            told = str(error)
            assert told.endswith(".") and "\n" not in told and ". " not in told, told
            assert str(tmp_path) not in told, told
            return kind, "refused"
        assert film_file(film) is not None
        delete_film(film, store)
        incoming.discard(id)
        return kind, "a film"

    with ThreadPoolExecutor(4) as pool:  # content that comes twice would be one film: each is different
        answers = list(pool.map(send, range(len(uploads))))

    print(dict(Counter(answers)))
    assert [(n, kind) for n, (kind, answer) in enumerate(answers) if answer != "refused"] == []
    assert FilmRepository(store).films() == ()
    left = [path for path in (tmp_path / "data").rglob("*") if path.is_file() and "sqlite3" not in path.name]
    assert left == []


def no_films(demo: Path):
    """Files of other kinds, and texts that would make a careless reader open other files or addresses."""
    texts = [
        "hello\n",
        "<!doctype html><title>x</title><video src=/etc/passwd></video>",
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
        '{"a": 1}',
        "#!/bin/sh\nrm -rf /\n",
        "import os\nos.system('true')\n",
        "a,b,c\n1,2,3\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://192.0.2.1/x.ts\n#EXT-X-ENDLIST\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{demo / 'trailer.mp4'}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{demo / 'trailer.mp4'}'\n",
        "ffconcat version 1.0\nfile '/etc/passwd'\nduration 10\n",
        f"file '{demo / 'trailer.mp4'}'\n",
        "v=0\no=- 0 0 IN IP4 192.0.2.1\ns=x\nc=IN IP4 192.0.2.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
        "a=rtpmap:96 H264/90000\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        "<Representation><BaseURL>file:///etc/passwd</BaseURL></Representation></AdaptationSet></Period></MPD>",
        '<smil><body><video src="file:///etc/passwd"/></body></smil>',
        "[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\n",
        "[Reference]\nRef1=http://192.0.2.1/x.asf\n",
        "1\n00:00:00,000 --> 00:00:02,000\nA subtitle\n",
        "WEBVTT\n\n00:00.000 --> 00:02.000\nA subtitle\n",
        "[Script Info]\nTitle: x\n[Events]\nDialogue: 0,0:00:00.00,0:00:02.00,,,,0,0,0,,x\n",
        "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n",
        ";FFMETADATA1\ntitle=x\n",
        "RTSPtext\r\nrtsp://192.0.2.1/x\r\n",
    ]
    for text in texts:
        yield "text", text.encode()
    yield "text", b"\xef\xbb\xbf" + texts[8].encode()
    yield "text", texts[8].encode("utf-16")
    yield "text", b"\n" * 2000 + texts[8].encode()

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../film.mp4", bytes(20_000_000))
    yield "other", archive.getvalue()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as file:
        file.add(demo / "trailer_truth.csv")
    yield "other", archive.getvalue()
    yield "other", gzip.compress(bytes(20_000_000))
    yield "other", Path(sys.executable).resolve().read_bytes()[:200_000]
    yield "other", b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(2000)
    yield "other", b"\xca\xfe\xba\xbe" + bytes(500)
    yield "other", b"7z\xbc\xaf\x27\x1c" + bytes(500)
    yield "other", b"Rar!\x1a\x07\x01\x00" + bytes(500)
    yield "other", pickle.dumps({"a": [1, 2, 3]})
    yield "other", b"OTTO" + bytes(300)
    database = sqlite3.connect(":memory:")
    database.execute("create table t (a)")
    yield "other", database.serialize()

    photo = Image.open(next((demo / "selfies").glob("*.jpg"))).convert("RGB").resize((120, 90))
    for format in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "PPM", "TGA", "AVIF", "JPEG2000", "PCX", "SGI"):
        picture = io.BytesIO()
        photo.save(picture, format)
        yield "picture", picture.getvalue()
    for format in ("GIF", "WEBP", "PNG", "TIFF"):
        picture = io.BytesIO()
        photo.save(picture, format, save_all=True, append_images=[photo.rotate(90), photo.rotate(180)])
        yield "picture", picture.getvalue()

    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    yield "sound", sound.getvalue()
    yield "sound", b"fLaC" + bytes(2000)
    yield "sound", b"ID3\x03\0\0\0\0\0\x0a" + bytes(2000)
    yield "sound", b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0"

    chance = random.Random(5)
    for size in (1, 2, 3, 7, 16, 100, 188, 1000, 4096, 70_000, 1_000_000):
        yield "noise", chance.randbytes(size)
        yield "noise", bytes([chance.randrange(256)]) * size + bytes([size % 251])


def claims(demo: Path):
    """Small files that claim to be huge, or to hold what they do not."""
    for width, height in ((65_535, 65_535), (100_000, 100_000), (2**31 - 1, 2), (8193, 8193), (0, 0)):
        yield "claim", f"YUV4MPEG2 W{width} H{height} F25:1 C420\nFRAME\n".encode() + bytes(1000)
    trailer = (demo / "trailer.mp4").read_bytes()
    index_end = trailer.index(b"mdat") - 4
    entry = trailer.index(b"avc1", trailer.index(b"stsd")) + 28
    for width, height in ((65_535, 65_535), (40_000, 30_000)):
        # the size in the index, and no pictures that could contradict it
        yield "claim", trailer[:entry] + struct.pack(">HH", width, height) + trailer[entry + 4 : index_end]
    table = trailer.index(b"stsz")
    yield "claim", trailer[: table + 12] + b"\x7f\xff\xff\xff" * 2 + trailer[table + 20 : index_end]
    for kind in (b"moov", b"mdat", b"ftyp", b"free", b"uuid"):
        for size in (0, 1, 7, 8, 2**32 - 1):
            yield "claim", struct.pack(">I", size) + kind + b"isom" * 40 + kind
    yield "claim", b"\0\0\0\x08moov" * 20_000
    yield "claim", b"".join(struct.pack(">I", 8 * (3000 - n)) + b"moov" for n in range(3000))
    yield "claim", b"\x1a\x45\xdf\xa3\x01" + b"\xff" * 7 + b"\x42\x82\x84webm" + bytes(500)
    yield (
        "claim",
        b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\x16\x54\xae\x6b" * 500,
    )
    yield "claim", b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrlavih" + b"\xff" * 500
    yield "claim", b"FLV\x01\x05\0\0\0\x09" + b"\xff" * 800
    yield "claim", b"OggS\0\x02" + bytes(20) + b"\x01\x2a\x80theora\x03\x02\x01" + b"\xff" * 500
    yield "claim", (b"\x47\x40\x00\x10" + b"\xff" * 184) * 60
    yield "claim", b"\0\0\x01\xba" + b"\x44" * 10 + b"\0\0\x01\xe0\xff\xff" + b"\xaa" * 900
    yield "claim", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\xff" * 900


def cut_off(demo: Path):
    trailer = (demo / "trailer.mp4").read_bytes()
    late = trailer.index(b"moov")
    rest = trailer[trailer.index(b"mdat") - 4 :]
    lengths = {int(len(trailer) * share**2) for share in (n / 30 for n in range(1, 30))}
    for length in sorted(lengths | {late - 4, late + 4, late + 400, 8, 24, 36, 48}):
        yield "cut off", trailer[:length]
    for length in (100, 10_000, 1_000_000):  # the pictures without their index
        yield "no index", rest[:length]


def damaged(demo: Path):
    trailer = (demo / "trailer.mp4").read_bytes()[:400_000]
    end_of_index = trailer.index(b"mdat")
    for seed in range(40):
        chance = random.Random(seed)
        content = bytearray(trailer)
        for _ in range(chance.choice([1, 5, 30, 200])):
            content[chance.randrange(end_of_index if seed % 2 else len(content))] = chance.randrange(256)
        yield "damaged", bytes(content) + bytes([seed])


def test_an_empty_file_is_refused_before_it_is_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    with pytest.raises(Exception, match="empty"):
        Incoming().begin("film.mp4", 0)
