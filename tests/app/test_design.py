"""Colours, computed from the style sheet: what is read can be read in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import factory, login

SHEET = (Path(factory.__file__).parent.parent / "assets" / "dramatis.css").read_text("utf-8")
GROUNDS = ("--ground", "--raised", "--sunken")

INKS = ("--soft", "--accent", "--accent-strong", "--known", "--unknown", "--good", "--bad")
# (colour, ground, least contrast)
PAIRS = (
    *(("--text", ground, 7.0) for ground in (*GROUNDS, "--accent-soft", "--good-soft", "--bad-soft")),
    *((ink, ground, 4.5) for ink in INKS for ground in GROUNDS),
    *(("--accent-strong", "--accent-soft", 4.5), ("--accent", "--accent-soft", 4.5), ("--soft", "--accent-soft", 4.5)),
    ("--unknown", "--accent-soft", 4.5),
    *(("--good", "--good-soft", 4.5), ("--bad", "--bad-soft", 4.5)),
    *(("--on-accent", "--accent", 4.5), ("--on-accent", "--accent-strong", 4.5), ("--raised", "--bad", 4.5)),
    # Borders of what can be used.
    *(("--edge", ground, 3.0) for ground in ("--ground", "--raised")),
)


def names(selector: str, text: str = SHEET) -> dict[str, str]:
    """The custom properties of the block that `selector` ends, those written as #rgb or #rrggbb."""
    block = re.search(re.escape(selector) + r"\s*\{(.*?)\}", text, re.DOTALL)
    assert block, selector
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{3,6});", block[1]))


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, of "#rgb" or "#rrggbb"."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_the_standards():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(theme):
    colours = names(f'[data-bs-theme="{theme}"]')
    assert [
        f"{ink} on {ground}: {found:.2f}, wanted {least}"
        for ink, ground, least in PAIRS
        if (found := contrast(colours[ink], colours[ground])) < least
    ] == []


def mixed(ink: str, ground: str, share: float) -> str:
    """The colour of `ink` painted on `ground` with the opacity `share`."""
    both = zip(*(bytes.fromhex(colour[1:]) for colour in (ink, ground)), strict=True)
    return "#" + bytes(round(share * a + (1 - share) * b) for a, b in both).hex()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_palest_bar_of_the_timeline_can_be_seen_and_told_from_a_sure_one(theme):
    script = (Path(factory.__file__).parent.parent / "assets" / "timeline_picture.js").read_text("utf-8")
    share = float(re.search(r"PALE_SLIVER = ([\d.]+);", script)[1])
    colours = names(f'[data-bs-theme="{theme}"]')
    row = colours["--raised"]
    selected = mixed(colours["--accent"], row, 0.09)
    for ink, ground in (("--known", row), ("--unknown", row), ("--accent", selected)):
        pale = mixed(colours[ink], ground, share)
        assert contrast(pale, ground) >= 3.0, ink
        assert contrast(pale, colours[ink]) >= 1.8, ink


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_same_colour_as_numbers(theme):
    """Bootstrap mixes some colours from their numbers."""
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{(.*?)\}}', SHEET, re.DOTALL)
    assert block
    colours = names(f'[data-bs-theme="{theme}"]')
    numbers = dict(re.findall(r"(--[\w-]+)-rgb:\s*([\d, ]+);", block[1]))
    assert len(numbers) > 5
    for name, rgb in numbers.items():
        assert colours[name] == "#" + bytes(map(int, rgb.split(","))).hex()


def test_the_login_page_has_the_colours_of_the_others():
    text = login._DOCUMENT.replace("{{", "{").replace("}}", "}")
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    assert len(blocks) == 2
    for theme, block in zip(("light", "dark"), blocks, strict=True):
        colours = names(f'[data-bs-theme="{theme}"]')
        for name, colour in re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{3,6});", block):
            assert luminance(colour) == luminance(colours[name]), (theme, name)
