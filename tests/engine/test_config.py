"""Where the data go, who may read them, and which settings make sense."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import config
from engine.config import STRANGER_METHODS, AnalysisSettings
from engine.errors import SettingsError, StorageError
from engine.identity.partition import METHODS


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = tmp_path / "new" / "data"
    monkeypatch.setenv("DRAMATIS_DATA", str(folder))
    return folder


@pytest.fixture
def open_umask():
    """A umask that forbids nobody anything: what is private then, was made private."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_data_folder_is_where_the_environment_says_and_private(data, open_umask):
    assert not data.exists()
    assert config.data_dir() == data and data.is_dir()
    assert mode(data) == 0o700
    assert config.database_path() == data / "dramatis.sqlite3"
    assert not config.database_path().exists()


def test_the_networks_are_kept_below_it_and_as_private(data, open_umask):
    assert config.models_dir() == data / "models"
    assert mode(data) == mode(data / "models") == 0o700


@pytest.mark.parametrize(
    ("folder", "below"),
    [
        (config.films_dir, "films"),
        (config.incoming_dir, "incoming"),
        (config.pictures_dir, "pictures"),
        (lambda: config.pictures_dir("aB-_9"), "pictures/aB-_9"),
        (config.jobs_dir, "jobs"),
        (lambda: config.jobs_dir(17), "jobs/17"),
        (config.cast_dir, "casts"),
        (lambda: config.cast_dir("x7"), "casts/x7"),
    ],
)
def test_every_folder_below_it_is_as_private(data, open_umask, folder, below):
    assert folder() == data / below
    path = data / below
    while path != data.parent:
        assert mode(path) == 0o700
        path = path.parent


@pytest.mark.parametrize("name", ["..", ".", "a/b", "/etc", "a\\b", "a\0"])
def test_a_name_cannot_lead_out_of_its_folder(data, name):
    for folder in (config.pictures_dir, config.jobs_dir, config.cast_dir):
        with pytest.raises(ValueError, match="name of a folder"):
            folder(name)


def test_the_secret_key_is_made_once_and_for_its_owner_alone(data, open_umask, monkeypatch):
    monkeypatch.delenv("DRAMATIS_SECRET_KEY", raising=False)
    key = config.secret_key()
    assert len(key) == 64 and config.secret_key() == key
    assert mode(data / "secret-key") == 0o600
    assert [path.name for path in data.iterdir()] == ["secret-key"]
    (data / "secret-key").write_text("\n")
    assert config.secret_key() not in ("", key)
    (data / "secret-key").unlink()
    assert config.secret_key() != key
    monkeypatch.setenv("DRAMATIS_SECRET_KEY", "from outside")
    assert config.secret_key() == "from outside"


def test_all_who_ask_for_the_secret_key_at_once_get_the_same(data, monkeypatch):
    monkeypatch.delenv("DRAMATIS_SECRET_KEY", raising=False)
    start = threading.Barrier(8)

    def ask(_):
        start.wait()
        return config.secret_key()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_a_secret_key_that_cannot_be_kept_is_told_in_a_sentence(data, monkeypatch):
    monkeypatch.delenv("DRAMATIS_SECRET_KEY", raising=False)
    (data / "secret-key").mkdir(parents=True)
    with pytest.raises(StorageError, match="secret-key cannot be read or made .+; .+\\.$"):
        config.secret_key()


def test_a_folder_that_is_there_is_taken_as_it_is(data):
    data.mkdir(parents=True)
    (data / "mine.txt").write_text("x")
    assert config.data_dir() == data
    assert (data / "mine.txt").read_text() == "x"


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_the_platform_says_where(tmp_path, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("DRAMATIS_DATA", raising=False)
    else:
        monkeypatch.setenv("DRAMATIS_DATA", value)
    asked = []

    def place(name, **options):
        asked.append((name, options))
        return str(tmp_path / "platform")

    monkeypatch.setattr(config.platformdirs, "user_data_dir", place)
    assert config.data_dir() == tmp_path / "platform"
    assert asked == [("dramatis", {"appauthor": False})]


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path, monkeypatch, below):
    (tmp_path / "file").write_text("x")
    folder = tmp_path / "file" / below
    monkeypatch.setenv("DRAMATIS_DATA", str(folder))
    with pytest.raises(StorageError) as caught:
        config.data_dir()
    sentence = str(caught.value)
    assert str(folder) in sentence and "DRAMATIS_DATA" in sentence
    assert sentence.endswith(".") and "\n" not in sentence and "Errno" not in sentence
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told_in_a_sentence(tmp_path, monkeypatch):
    tmp_path.chmod(0o500)
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    with pytest.raises(StorageError, match="Permission denied"):
        config.data_dir()
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sample_fps", 0.19),
        ("sample_fps", 60.5),
        ("sample_fps", -8),
        ("sample_fps", float("nan")),
        ("sample_fps", float("inf")),
        ("min_probability", 0.0),
        ("min_probability", 1.0),
        ("max_distance", 0.0),
        ("max_distance", 1.6),
        ("max_distance", float("nan")),
        ("stranger_distance", 0.05),
        ("stranger_distance", 2),
        ("smallest_face_px", 0),
        ("smallest_face_px", 19),
        ("smallest_face_px", 2001),
        ("workers", 0),
        ("workers", -1),
        ("workers", 65),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_range(name, value):
    with pytest.raises(SettingsError, match=rf"The setting {name} is {value}; choose a value from .+ to .+\."):
        AnalysisSettings(**{name: value})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {
            "sample_fps": 0.2,
            "min_probability": 0.05,
            "max_distance": 0.1,
            "stranger_distance": 0.1,
            "smallest_face_px": 20,
            "workers": 1,
        },
        {
            "sample_fps": 60,
            "min_probability": 0.99,
            "max_distance": 1.5,
            "stranger_distance": 1.5,
            "smallest_face_px": 2000,
            "workers": 64,
        },
        {"smallest_face_px": None, "workers": None},
        *({"stranger_method": method} for method in STRANGER_METHODS),
        {"quick": True},
    ],
)
def test_settings_in_range_are_kept(settings):
    kept = AnalysisSettings(**settings).as_dict()
    assert kept == AnalysisSettings().as_dict() | settings
    assert list(kept) == [
        "sample_fps",
        "min_probability",
        "max_distance",
        "stranger_distance",
        "stranger_method",
        "smallest_face_px",
        "workers",
        "quick",
    ]


def test_an_unknown_way_to_tell_strangers_apart_is_refused():
    assert set(METHODS) == set(STRANGER_METHODS)
    with pytest.raises(SettingsError, match="choose one of: average linkage, first neighbours, Chinese Whispers"):
        AnalysisSettings(stranger_method="magic")


def test_a_quick_analysis_looks_at_a_third_of_the_pictures():
    assert AnalysisSettings().looked_fps == AnalysisSettings().sample_fps
    assert AnalysisSettings(sample_fps=6, quick=True).looked_fps == 2


@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_quick_is_true_or_false(value):
    with pytest.raises(SettingsError, match=f"The setting quick is {value}; choose true or false."):
        AnalysisSettings(quick=value)
