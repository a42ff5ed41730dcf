"""The command line as a user meets it: results, exit statuses, and one sentence for everything that is wrong."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from engine.cli import main
from engine.config import database_path
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store

PROJECT = Path(__file__).resolve().parents[2]
FIVE_SECONDS = 5.0


@pytest.fixture(scope="module")
def short_film(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first five seconds of the trailer: a title card, Clara_Winther, and a moment of Viktor_Hale."""
    path = tmp_path_factory.mktemp("films") / "short.mp4"
    with av.open(str(demo / "trailer.mp4")) as source, av.open(str(path), "w") as target:
        video = source.streams.video[0]
        copy = target.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None or packet.dts * packet.time_base >= FIVE_SECONDS:
                continue
            packet.stream = copy
            target.mux(packet)
    return path


@pytest.fixture(scope="module")
def small_cast(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people with two pictures each, so that the gallery is quickly read."""
    folder = tmp_path_factory.mktemp("cast")
    for person in ("Clara_Winther", "Mei_Kuroda"):
        (folder / person).mkdir()
        for number in ("01", "02"):
            picture = demo / "gallery" / person / f"{number}.jpg"
            (folder / person / picture.name).write_bytes(picture.read_bytes())
    return folder


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`python -m engine` as a process of its own, which Ctrl-C and limits can reach."""
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has what it starts with & ignore Ctrl-C, and that would be passed on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def one_sentence(text: str) -> bool:
    """One line that ends like a sentence and shows no Python."""
    return text.count("\n") == 1 and text.rstrip().endswith(".") and "Traceback" not in text and "Error" not in text


def test_a_film_and_a_cast_give_a_table_and_two_files(
    short_film: Path, small_cast: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["analyze", str(short_film), "--gallery", str(small_cast), "--out", str(tmp_path / "out")])
    out, err = capsys.readouterr()
    assert status == 0
    head, first, *others = out.splitlines()
    assert head.split() == ["person", "seconds", "least", "-", "most", "hard", "share", "times", "first", "last"]
    assert first.split()[0] == "Clara_Winther"
    # The stranger is seen for under a second: counted below the table.
    assert len(others) == 1 and others[0].startswith("not shown: 1 passer-by (strangers, each under 1 s), 0.")
    assert "Finding and following faces" in err

    record = json.loads((tmp_path / "out" / "screentime.json").read_text(encoding="utf-8"))
    clara = record["people"][0]
    assert (clara["name"], clara["kind"]) == ("Clara_Winther", "known")
    assert clara["screen_time_s"] == pytest.approx(2.4167, abs=0.2)
    with (tmp_path / "out" / "screentime.csv").open(encoding="utf-8") as file:
        assert [row["person"] for row in csv.DictReader(file)] == ["Clara_Winther", "unknown_1"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["screentime.csv", "screentime.json"]


@pytest.mark.slow
def test_a_film_with_a_truth_is_measured(
    short_film: Path, small_cast: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clip.mp4").symlink_to(short_film)
    (tmp_path / "cast").symlink_to(small_cast)
    truth = "person,start_s,end_s,visibility\nClara_Winther,2.0,4.4167,clear\nViktor_Hale,4.4167,5.0,hard\n"
    (tmp_path / "truth.csv").write_text(truth)
    assert main(["evaluate", "screentime", str(tmp_path), "--json"]) == 0
    film = json.loads(capsys.readouterr().out)["films"][0]
    assert film["name"] == tmp_path.name
    assert [p["name"] for p in film["people"]] == ["Clara_Winther", "Mei_Kuroda"]
    assert film["people"][0]["said_s"] == pytest.approx(2.4167, abs=0.2)
    assert (film["strangers"]["n_said"], film["strangers"]["n_true"], film["strangers"]["n_true_clear"]) == (1, 1, 0)
    assert film["strangers"]["person_of_cluster"] == {"unknown:1": "viktor hale"}


def test_a_folder_without_a_truth_is_one_sentence_before_any_film(
    tmp_path: Path, demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "screentime", str(demo), str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and one_sentence(err) and "is no evaluation folder" in err


def test_a_saved_gallery_is_known_by_its_name_and_cast_chooses_from_it(
    short_film: Path, small_cast: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gallery", "build", str(small_cast), "--name", "Small"]) == 0
    assert main(["gallery", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert "Small: 2 people, 4 pictures" in listed
    assert any(line.startswith("actors: ") and line.endswith("comes with the project") for line in listed)
    arguments = ["analyze", str(short_film), "--gallery", "small", "--out", str(tmp_path)]
    assert main([*arguments, "--cast", "mei kuroda"]) == 0
    assert "Clara" not in capsys.readouterr().out
    assert main([*arguments, "--cast", "Nobody"]) == 1
    assert "knows Clara_Winther, Mei_Kuroda" in capsys.readouterr().err


@pytest.mark.slow
def test_only_clear_moments_are_counted_in_table_and_files(
    short_film: Path, small_cast: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["analyze", str(short_film), "--gallery", str(small_cast), "--out", str(tmp_path)]
    assert main([*arguments, "--clear-only"]) == 0
    head, first, *notes = capsys.readouterr().out.splitlines()
    assert head.split() == ["person", "seconds", "share", "times", "first", "last"]
    assert notes[-1].startswith("not counted: ") and "hard to see" in notes[-1]
    record = json.loads((tmp_path / "screentime.json").read_text(encoding="utf-8"))
    assert record["counted"] == "clear"
    assert f"{record['people'][0]['screen_time_s']:.1f}" == first.split()[1]
    assert record["people"][0]["low_s"] is None
    with (tmp_path / "screentime.csv").open(encoding="utf-8") as file:
        assert "person_hard_left_out_s" in csv.DictReader(file).fieldnames


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([], ["--sample-fps", "6"], marks=pytest.mark.slow, id="rate"),
        pytest.param(["--quick"], [], id="quick"),
    ],
)
def test_a_name_given_by_hand_is_said_by_the_next_analysis(
    before: list[str], after: list[str], short_film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["analyze", str(short_film), "--out", str(tmp_path)]
    assert main([*arguments, *before]) == 0
    first = json.loads((tmp_path / "screentime.json").read_text(encoding="utf-8"))
    longest = first["people"][0]["id"]
    correction = CorrectionLog(open_store(database_path())).append(
        first["video"]["sha256"], "rename", {"person_id": longest, "name": "Somebody"}
    )
    capsys.readouterr()
    try:
        assert main([*arguments, *after]) == 0
        assert capsys.readouterr().out.splitlines()[1].split()[0] == "Somebody"
        again = json.loads((tmp_path / "screentime.json").read_text(encoding="utf-8"))
        assert [(p["id"], p["kind"]) for p in again["people"]] == [(p["id"], p["kind"]) for p in first["people"]]
        assert again["people"][0]["name"] == "Somebody"
    finally:
        CorrectionLog(open_store(database_path())).undo(correction)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no film"),
        (b"", "is empty (0 bytes)"),
        (b"not a film\n" * 50, "is not a film that can be read"),
    ],
    ids=["missing", "zero bytes", "text"],
)
def test_what_is_no_film_is_one_sentence_and_status_1(
    content: bytes | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "film.mp4"
    if content is not None:
        film.write_bytes(content)
    assert main(["analyze", str(film), "--out", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert one_sentence(err)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_film_that_breaks_off_is_refused_or_taken_as_far_as_it_goes(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "cut.mp4"
    film.write_bytes((demo / "trailer.mp4").read_bytes()[:450_000])
    arguments = ["analyze", str(film), "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert "breaks off after" in err
    assert "--partial" in err
    assert not (tmp_path / "out").exists()
    assert main([*arguments, "--partial"]) == 0
    record = json.loads((tmp_path / "out" / "screentime.json").read_text(encoding="utf-8"))
    assert 1 < record["video"]["duration_s"] < 20
    assert "only this part was analysed" in record["engine"]["warnings"][0]


@pytest.mark.parametrize("what", ["missing", "nobody", "no faces", "one name twice"])
def test_a_bad_gallery_is_one_sentence_and_status_1(
    what: str, short_film: Path, demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gallery"
    picture = (demo / "gallery" / "Mei_Kuroda" / "01.jpg").read_bytes()
    if what != "missing":
        folder.mkdir()
    if what == "no faces":
        (folder / "Ann").mkdir()
        (folder / "Ann" / "1.jpg").write_bytes(picture[: len(picture) // 3])
    if what == "one name twice":
        for name in ("Ann_Lee", "ANN lee"):
            (folder / name).mkdir()
            (folder / name / "1.jpg").write_bytes(picture)
    assert main(["analyze", str(short_film), "--gallery", str(folder), "--out", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    last = err.splitlines()[-1] + "\n"
    assert one_sentence(last)
    assert {
        "missing": "no gallery",
        "nobody": "no people",
        "no faces": "exactly one face",
        "one name twice": "one name",
    }[what] in last
    assert not (tmp_path / "out").exists()


def test_the_traceback_is_for_debug_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(tmp_path / "none.mp4"), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_usage_is_status_2() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["analyse"])
    assert stop.value.code == 2


@pytest.mark.parametrize("by", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_ctrl_c_ends_with_one_sentence_and_no_result(by: int, demo: Path, tmp_path: Path) -> None:
    process = start("analyze", str(demo / "trailer.mp4"), "--out", str(tmp_path / "out"))
    assert process.stderr is not None
    heard = ""
    while "faces" not in heard:  # wait until the long part is under way
        line = process.stderr.readline()
        assert line, "it ended before it could be stopped"
        heard += line
    process.send_signal(by)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert err.splitlines()[-1] == "Stopped; nothing was written."
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_is_one_sentence_and_leaves_nothing(short_film: Path, tmp_path: Path, session_data: Path) -> None:
    """The system refuses to let any file grow, as a full disk does, once the data folder stands."""
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from engine.cli import main; import engine.exports.files as f; whole = f.write_together\n"
        "def full(contents):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); whole(contents)\n"
        "f.write_together = full\n"
        f"sys.exit(main(['analyze', {str(short_film)!r}, '--out', {str(tmp_path / 'out')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", limited], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "cannot be written" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_help_comes_at_once_without_the_heavy_rooms() -> None:
    code = (
        "import sys; import engine.cli; print([m for m in ('onnxruntime', 'dlib', 'av', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reader_that_leaves_early_is_no_disaster(tmp_path: Path) -> None:
    process = start("gallery", "list", DRAMATIS_DATA=str(tmp_path))
    assert process.stdout is not None
    process.stdout.close()
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_an_album_is_imported_listed_exported_and_deleted(demo, tmp_path, monkeypatch, capsys, session_data):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(session_data / "models")
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("IMG_1001.jpg", "IMG_1149.jpg"):  # father and mother; two friends
        shutil.copy(demo / "album" / name, folder)
    (folder / "bad.jpg").write_bytes(b"no picture")
    assert main(["album", "list"]) == 0
    assert "There is no album yet" in capsys.readouterr().err
    assert main(["album", "import", str(folder), "--name", "Family"]) == 0
    told = capsys.readouterr()
    assert told.out == "Family: 2 pictures, 4 people, 4 of them unknown\n"
    assert "3 of 3 pictures were new." in told.err and "  bad.jpg is not a picture that can be read" in told.err
    assert main(["album", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["title"], listed["people"]) == ("Family", 4)
    assert [one["path"] for one in listed["problems"]] == ["bad.jpg"]
    assert main(["album", "export", "family", str(tmp_path / "faces.csv")]) == 0
    assert len((tmp_path / "faces.csv").read_text().splitlines()) == 5
    capsys.readouterr()
    assert main(["album", "import", str(folder), "--gallery", "Nobody"]) == 1
    assert "Nobody" in capsys.readouterr().err
    assert main(["album", "delete", str(folder)]) == 0
    assert main(["album", "export", "family", str(tmp_path / "other.csv")]) == 1
    assert "no album called family" in capsys.readouterr().err and not (tmp_path / "other.csv").exists()
