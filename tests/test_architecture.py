"""Who may import whom, how long a module may be, and what stands in requirements.txt: read from the syntax trees.

Each rule is a function from source text to the sentences that say what is wrong; each is shown bad samples first, so
that it cannot pass by seeing nothing.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LONGEST_MODULE_LINES = 320

ROOMS = (
    *("errors", "timeline", "copresence", "names", "progress", "files", "config", "types"),
    *("media", "vision", "trails", "tracking", "identity", "store", "pipeline"),
    *("jobs", "exports", "evaluate", "gallery_commands", "album_commands", "lookalike_command", "why_command"),
    *("family_command", "cli", "__main__"),
)
"""The engine from left to right: a room imports itself and what stands to its left."""
PEERS = {("exports", "jobs"), ("evaluate", "jobs")}
"""Imports from left to right that are still not wanted: these rooms stand side by side."""
FRONT_END = {"app", "dash", "flask", "plotly"}
NOT_FOR_THE_ENGINE = FRONT_END | {"bench", "tests"}
SQL = {"sqlalchemy", "sqlite3", "alembic"}
MAY_PRINT = {"engine.cli", "engine.progress"}

IMPORT_NAMES = {
    "numpy": {"numpy"},
    "pillow": {"PIL"},
    "av": {"av"},
    "pi-heif": {"pi_heif"},
    "dlib-bin": {"dlib"},
    "face_recognition": {"face_recognition"},
    "face_recognition_models": {"face_recognition_models"},
    "onnx": {"onnx"},
    "onnxruntime": {"onnxruntime"},
    "scipy": {"scipy"},
    "annoy": {"annoy"},
    "scikit-learn": {"sklearn"},
    "sqlalchemy": {"sqlalchemy"},
    "alembic": {"alembic"},
    "platformdirs": {"platformdirs"},
    "diskcache": {"diskcache"},
    "dash": {"dash", "flask", "plotly", "werkzeug", "itsdangerous"},
    "dash-bootstrap-components": {"dash_bootstrap_components"},
    "bootstrap-flask": {"flask_bootstrap"},
    "gunicorn": {"gunicorn"},
    "pytest": {"pytest"},
    "playwright": {"playwright"},
    "hypothesis": {"hypothesis"},
}
NOT_IMPORTED = {
    "setuptools": "face_recognition_models, when face_recognition is imported, asks it for pkg_resources",
    "pytest-xdist": "pytest loads it by itself",
}
NOT_REQUIRED = {"torch": "bench.train_prefilter"}
"""Imported by one module alone, which says in one sentence that it has to be installed."""

PEERS_OF_BENCH = {"faiss", "hnswlib"}
"""Compared with where they are installed, left out with a line where they are not."""


def name_and_source(*folders: str) -> dict[str, str]:
    """Dotted name -> source of every module below the project's `folders`; a package goes by its own name."""
    found = {}
    for path in sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts)] = path.read_text(encoding="utf-8")
    return found


@cache
def nodes(source: str) -> list[ast.AST]:
    """All nodes of a module; read once for all rules."""
    return list(ast.walk(ast.parse(source)))


ENGINE = name_and_source("engine")
MODULES = ENGINE | name_and_source("app", "bench")


def imports(module: str, source: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything `module` imports, anywhere in it and under TYPE_CHECKING too. ``from a import
    b`` gives a.b. A package's module is called a.__init__. Names of modules in a call count when they are written
    out."""
    package = module.split(".")[:-1]
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            name = node.args[0]
            if called in ("import_module", "find_spec", "__import__") and isinstance(name, ast.Constant):
                yield node.lineno, str(name.value)


def room_of(dotted: str) -> str:
    """The room of ``engine.room.module.thing``; "" for the package itself (``from engine import __version__``)."""
    parts = dotted.split(".")
    return "" if len(parts) == 1 or parts[1] in ("__init__", "__version__") else parts[1]


def wrong_rooms(module: str, source: str) -> list[str]:
    """Imports of an engine module that go to the right, sideways, or to a room that the rule does not know."""
    mine = room_of(module)
    wrong = []
    for line, dotted in imports(module, source):
        if dotted.split(".")[0] != "engine":
            continue
        theirs = room_of(dotted)
        if theirs in ("", mine):
            continue
        if theirs not in ROOMS or mine not in ROOMS:
            wrong.append(f"{module}:{line} {mine or 'engine'} -> {theirs}: not a room of the rule")
        elif ROOMS.index(theirs) > ROOMS.index(mine) or (mine, theirs) in PEERS:
            wrong.append(f"{module}:{line} {mine} -> {theirs}")
    return wrong


def imports_of(unwanted: set[str], module: str, source: str) -> list[str]:
    return [f"{module}:{line} {name}" for line, name in imports(module, source) if name.split(".")[0] in unwanted]


def wrong_in_pages(module: str, source: str) -> list[str]:
    """Imports of another page by a page of the front end."""
    return [
        f"{module}:{line} {name}"
        for line, name in imports(module, source)
        if name.startswith("app.pages") and name != module and not name.startswith(f"{module}.")
    ]


def prints(module: str, source: str) -> list[str]:
    """Every mention of the built-in `print`: a call, or the function handed on."""
    return [f"{module}:{node.lineno}" for node in nodes(source) if isinstance(node, ast.Name) and node.id == "print"]


def wrong_in_form(module: str, source: str) -> list[str]:
    """A missing docstring, or more lines than a module may have."""
    wrong = []
    if not (ast.get_docstring(nodes(source)[0]) or "").strip():
        wrong.append(f"{module}: no docstring")
    if (n_lines := len(source.splitlines())) > LONGEST_MODULE_LINES:
        wrong.append(f"{module}: {n_lines} lines")
    return wrong


_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?P<version>[^#\s]*)\s*(?:#\s*(?P<why>.*))?")


def requirements(text: str) -> dict[str, str]:
    """Distribution -> its comment, "" if it has none."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = [_REQUIREMENT.fullmatch(line) for line in lines]
    assert None not in found, f"cannot read {lines[found.index(None)]!r}"
    return {match["name"]: (match["why"] or "").strip() for match in found}


def wrong_in_requirements(text: str, imported: set[str]) -> list[str]:
    """Requirements without a reason, unknown to `IMPORT_NAMES`, or that nothing in `imported` uses."""
    wrong = []
    for name, why in requirements(text).items():
        if not why:
            wrong.append(f"{name}: no comment says why")
        if name in NOT_IMPORTED:
            continue
        if name not in IMPORT_NAMES:
            wrong.append(f"{name}: add what it is imported as to IMPORT_NAMES")
        elif not IMPORT_NAMES[name] & imported:
            wrong.append(f"{name}: imported nowhere")
    return wrong


def top_names(modules: Mapping[str, str]) -> set[str]:
    return {dotted.split(".")[0] for module, source in modules.items() for _, dotted in imports(module, source)}


# The rules see what they are for.


@pytest.mark.parametrize(
    ("module", "source", "n_wrong"),
    [
        ("engine.media.video", "from engine.vision.detect import MmodDetector", 1),
        ("engine.media.video", "import engine.store.database as d", 1),
        ("engine.media.video", "from engine import config, store", 1),
        ("engine.media.video", "def f():\n    from engine.cli import main", 1),
        ("engine.media.video", "if TYPE_CHECKING:\n    from engine.tracking import ShotTracker", 1),
        ("engine.media.video", "from ..vision import detect", 1),
        ("engine.media.__init__", "from ..vision import detect", 1),
        ("engine.media.video", "importlib.import_module('engine.pipeline.people')", 1),
        ("engine.timeline", "from engine.types import Track", 1),
        ("engine.identity.gallery", "from engine.store.blobs import pack", 1),
        ("engine.exports.table", "from engine.evaluate.tables import screentime_table", 1),
        ("engine.evaluate.tables", "from engine.jobs.queue import Queue", 1),
        ("engine.attic.old", "from engine.types import Track", 1),
        ("engine.cli", "from engine.attic import old", 1),
        ("engine.__init__", "from engine.types import Track", 1),
        ("engine.media.video", "from engine.errors import MediaError\nfrom engine.media import shots", 0),
        ("engine.media.video", "from . import shots\nfrom ..types import Frame", 0),
        ("engine.evaluate.tables", "from engine.exports.table import text_table", 0),
        ("engine.cli", "from engine import __version__, config\nimport engine", 0),
        ("engine.media.video", "# from engine.cli import main\nx = 'import engine.cli'", 0),
    ],
)
def test_the_import_rule_can_fail(module, source, n_wrong):
    assert len(wrong_rooms(module, source)) == n_wrong


@pytest.mark.parametrize(
    ("source", "n_wrong"),
    [
        ("import dash", 1),
        ("from flask import request", 1),
        ("def f():\n    import plotly.graph_objects as go", 1),
        ("if TYPE_CHECKING:\n    from app.services import version", 1),
        ("import dashing\nfrom engine.app import x", 0),
    ],
)
def test_the_front_end_rule_can_fail(source, n_wrong):
    assert len(imports_of(FRONT_END, "engine.media.video", source)) == n_wrong


@pytest.mark.parametrize(
    ("source", "n_wrong"),
    [
        ("from app.pages import not_found_404", 1),
        ("from app.pages.not_found_404 import layout", 1),
        ("from . import not_found_404", 1),
        ("import app.pages.not_found_404", 1),
        ("from app.services import version\nimport dash", 0),
    ],
)
def test_the_rule_of_pages_can_fail(source, n_wrong):
    assert len(wrong_in_pages("app.pages.start", source)) == n_wrong


@pytest.mark.parametrize(
    ("source", "n_wrong"),
    [("print(1)", 1), ("tell = print", 1), ("x.print(1)\nrow.print", 0), ("'print(1)'  # print(1)", 0)],
)
def test_the_rule_of_print_can_fail(source, n_wrong):
    assert len(prints("engine.media.video", source)) == n_wrong


@pytest.mark.parametrize(
    ("source", "n_wrong"),
    [
        ("import os", 1),
        ('"""  """\n', 1),
        ("# Says nothing to help().\n", 1),
        ('"""Says what."""\n' + "x = 1\n" * LONGEST_MODULE_LINES, 1),
        ("x = 1\n" * (LONGEST_MODULE_LINES + 1), 2),
        ('"""Says what."""\n' + "x = 1\n" * (LONGEST_MODULE_LINES - 1), 0),
    ],
)
def test_the_rule_of_form_can_fail(source, n_wrong):
    assert len(wrong_in_form("engine.media.video", source)) == n_wrong


@pytest.mark.parametrize(
    ("text", "n_wrong"),
    [
        ("numpy", 1),
        ("numpy   #", 1),
        ("pillow>=12  # reads photos", 1),
        ("leftpad  # pads", 1),
        ("leftpad", 2),
        ("setuptools<81", 1),
        ("# A heading\n\nnumpy==2.4.6  # arrays\nsetuptools<81  # pkg_resources", 0),
    ],
)
def test_the_rule_of_requirements_can_fail(text, n_wrong):
    assert len(wrong_in_requirements(text, {"numpy", "os"})) == n_wrong


# The rules hold.


def test_there_is_something_to_check():
    assert {module.split(".")[0] for module in MODULES} == {"engine", "app", "bench"}
    assert len(ENGINE) > 30
    assert {room_of(module) for module in ENGINE} - {""} <= set(ROOMS)


def test_engine_imports_only_to_the_left():
    assert [wrong for module, source in ENGINE.items() for wrong in wrong_rooms(module, source)] == []


def test_engine_knows_no_front_end():
    assert [
        wrong for module, source in ENGINE.items() for wrong in imports_of(NOT_FOR_THE_ENGINE, module, source)
    ] == []


def test_the_front_end_meets_the_engine_in_one_package():
    meets = {module for module, source in MODULES.items() if imports_of({"engine"}, module, source)}
    assert "app.services.__init__" in meets
    assert [module for module in meets if module.startswith("app.") and not module.startswith("app.services.")] == []


def test_pages_import_no_other_page():
    pages = {module: source for module, source in MODULES.items() if module.startswith("app.pages.")}
    assert len(pages) > 1
    assert [wrong for module, source in pages.items() for wrong in wrong_in_pages(module, source)] == []


def test_sql_stands_in_the_store_alone():
    with_sql = {module for module, source in MODULES.items() if imports_of(SQL, module, source)}
    assert with_sql
    assert {module for module in with_sql if not module.startswith("engine.store.")} == set()


def test_the_engine_prints_in_two_modules_alone():
    assert {module for module, source in ENGINE.items() if prints(module, source)} <= MAY_PRINT


def test_modules_are_short_and_say_what_they_are():
    assert [wrong for module, source in MODULES.items() for wrong in wrong_in_form(module, source)] == []


def test_each_requirement_has_a_reason_and_a_use():
    imported = top_names(MODULES | name_and_source("tests"))
    assert wrong_in_requirements((PROJECT / "requirements.txt").read_text(encoding="utf-8"), imported) == []


def test_what_is_imported_is_required():
    files = (PROJECT / "requirements.txt", PROJECT / "requirements-nodeps.txt")
    listed = [name for path in files for name in requirements(path.read_text(encoding="utf-8"))]
    required = {name for distribution in listed for name in IMPORT_NAMES.get(distribution, ())}
    used = top_names(MODULES) - {"engine", "app", "bench"} - sys.stdlib_module_names - PEERS_OF_BENCH
    assert used
    assert used - set(NOT_REQUIRED) <= required


def test_what_is_not_required_is_imported_by_one_module():
    assert {
        (name, module)
        for name in NOT_REQUIRED
        for module, source in MODULES.items()
        if imports_of({name}, module, source)
    } == set(NOT_REQUIRED.items())
