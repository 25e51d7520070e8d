"""Colours of the lines that the dashboard draws beside one another, as people see them who tell fewer colours apart."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

TOKENS = (Path(__file__).parents[2] / "web" / "src" / "styles" / "tokens.css").read_text()
# Full severity, on linear RGB: Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of
# color vision deficiency, table 1.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# sRGB to CIE XYZ relative to the white point D65 (IEC 61966-2-1).
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(axis=1)
# Ten times what a person just notices.
APART = 20.0
# Of what is drawn on a ground: WCAG 2.2, criterion 1.4.11.
CONTRAST = 3.0


def colours(theme: str) -> dict[str, NDArray[np.float64]]:
    """Colours of a theme by their names, as linear RGB."""
    block = re.search(rf'data-theme="{theme}"\] {{(.*?)}}', TOKENS, re.DOTALL)
    assert block is not None
    found = re.findall(r"--([\w-]+): #([0-9a-f]{6});", block[1])
    return {name: linear(np.frombuffer(bytes.fromhex(value), np.uint8) / 255) for name, value in found}


def linear(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colour in CIE 1976 L*a*b*, where distances are those that people see."""
    scaled = XYZ @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(scaled > 216 / 24389, np.cbrt(scaled), scaled * 841 / 108 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    dark, bright = sorted(float(XYZ[1] @ each) for each in (one, other))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("sight", SIGHT)
def test_lines_beside_one_another_are_told_apart(theme: str, sight: str):
    lines = {name: lab(SIGHT[sight] @ rgb) for name, rgb in colours(theme).items() if name.startswith("series-")}
    assert len(lines) == 4
    near = [pair for pair in combinations(lines, 2) if np.linalg.norm(lines[pair[0]] - lines[pair[1]]) < APART]
    assert near == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_lines_stand_out_from_the_panel(theme: str):
    all_of_them = colours(theme)
    faint = [
        name
        for name, rgb in all_of_them.items()
        if name.startswith("series-") and contrast(rgb, all_of_them["panel"]) < CONTRAST
    ]
    assert faint == []
