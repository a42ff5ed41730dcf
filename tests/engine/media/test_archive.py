"""Zip files from strangers: what is refused before anything is unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile

import pytest

from engine.errors import MediaError
from engine.media.archive import ArchiveLimits, open_archive

LIMITS = ArchiveLimits(n_members=50, member_bytes=5_000_000, total_bytes=8_000_000)


@pytest.fixture
def pack(tmp_path):
    """pack({name: content}) -> a zip; a `ZipInfo` may stand for a name."""

    def make(members):
        path = tmp_path / "some.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items() if isinstance(members, dict) else members:
                archive.writestr(name, content)
        return path

    return make


def read_all(path):
    with open_archive(path, LIMITS) as archive:
        return {name: archive.read(name) for name in archive.names}


def refused(path, match):
    with pytest.raises(MediaError, match=match) as caught:
        read_all(path)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text


def test_files_come_by_name_and_folders_do_not(pack):
    assert read_all(pack({"a/": b"", "a/1.jpg": b"one", "b": b""})) == {"a/1.jpg": b"one", "b": b""}


def test_names_in_utf8_without_the_flag_and_with_backslashes_are_understood(pack):
    path = pack({"Zo\u00eb/1.jpg": b"x"})
    content = path.read_bytes()
    for at in (content.find(b"PK\3\4") + 6, content.find(b"PK\1\2") + 8):
        content = content[:at] + b"\0\0" + content[at + 2 :]
    path.write_bytes(content.replace("Zo\u00eb/".encode(), "Zo\u00eb\\".encode()))
    assert list(read_all(path)) == ["Zo\u00eb/1.jpg"]


@pytest.mark.parametrize(
    "name", ["../x.jpg", "a/../../x", "/etc/passwd", "C:/x", "a//b", "./a", "..\\x", "a/\n", "a/b\x1b[2J", "a/.."]
)
def test_a_name_that_leads_out_is_refused(pack, name):
    refused(pack({"fine": b"", zipfile.ZipInfo(name): b"x"}), "lead out of its folder")


def test_a_link_is_refused(pack):
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    refused(pack({info: b"/etc/passwd"}), "holds a link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(pack):
    refused(pack([("a", b"1"), ("a", b"2")]), "twice")


def test_bombs_are_refused_before_they_are_unpacked(pack):
    refused(pack({"zeros": bytes(4_000_000)}), "much more than it could")
    refused(pack({"large": bytes(6_000_000)}), "more than 5 MB in a file or 8 MB in all")
    halves = {f"{i}": bytes(range(256)) * 3_000 for i in range(12)}
    refused(pack(halves), "8 MB in all")
    refused(pack({f"{i}": b"" for i in range(51)}), "more than 50 files")


def test_a_directory_that_claims_to_be_large_is_not_read(pack):
    path = pack({"a": b"x"})
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.rfind(b"PK\5\6") + 12, 1 << 30)
    path.write_bytes(content)
    refused(path, "more than 50 files")


def test_rare_packing_and_passwords_are_refused(pack):
    info = zipfile.ZipInfo("a")
    info.compress_type = zipfile.ZIP_LZMA
    refused(pack({info: b"x"}), "rare way")
    path = pack({"a": b"x"})
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    refused(path, "password")


def test_whatever_is_cut_off_or_damaged_is_one_sentence(pack, tmp_path):
    path = pack({"a/1.jpg": bytes(range(256)) * 20, "b": b"x" * 100})
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        refused(path, "is no zip file, or it is cut off")
    path.write_bytes(whole[:60] + bytes([whole[60] ^ 255]) + whole[61:])
    refused(path, "is damaged")
    refused(tmp_path / "gone.zip", "cannot be read")
    refused(tmp_path, "cannot be read")
