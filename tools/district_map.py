"""A picture of districts without any map service: their boundaries are the map. No Odoo here.

Drawn as SVG for an <img>, where scripts and outside references do nothing.
"""

import json
import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

import shapely
from shapely.geometry import shape

SIZE = 640
MARGIN = 8
# Letters as high as so many districts leave room for.
LETTERS_PART, MIN_LETTERS, MAX_LETTERS = 8, 11, 32
FILL, LINE, MARKED = "#e8edf3", "#7b8794", "#714b67"
PLACE = "#b42318"


@dataclass(frozen=True)
class Outline:
    """A district to draw.

    :ivar str geojson: its boundary, the lighter one
    :ivar str label: what stands in it
    :ivar bool marked: it is the one the picture is about
    """

    geojson: str
    label: str = ""
    marked: bool = False


def draw(outlines, place=None):
    """Return districts as SVG, north above; empty where there is nothing to draw.

    :param outlines: Outline objects; marked ones are drawn last, over the others
    :param tuple place: (latitude, longitude) of a dot to put on the map
    :return bytes:
    """
    areas = [(shape(json.loads(outline.geojson)), outline) for outline in outlines]
    if not areas:
        return b""
    west, south, east, north = shapely.total_bounds([area for area, _outline in areas])
    # A degree of longitude is shorter than one of latitude, the farther from the equator.
    squeeze = math.cos(math.radians((south + north) / 2)) or 1e-6
    scale = SIZE / max((east - west) * squeeze, north - south, 1e-9)
    width, height = (east - west) * squeeze * scale, (north - south) * scale

    def _place(point):
        east_of, north_of = point[0] - west, north - point[1]
        return f"{east_of * squeeze * scale:.1f},{north_of * scale:.1f}"

    shapes, labels = [], []
    for area, outline in sorted(areas, key=lambda pair: pair[1].marked):
        fill = MARKED if outline.marked else FILL
        shapes.append(
            f'<path d="{_path(area, _place)}" fill="{fill}" stroke="{LINE}"'
            ' stroke-width="1" fill-rule="evenodd"/>'
        )
        if outline.label:
            x, y = _place(area.representative_point().coords[0]).split(",")
            color = "#fff" if outline.marked else "#374151"
            labels.append(
                f'<text x="{x}" y="{y}" fill="{color}" dominant-baseline="middle">'
                f"{escape(outline.label)}</text>"
            )
    if place:
        labels.append(_dot(*_place(place[::-1]).split(",")))
    room = SIZE / (LETTERS_PART * math.sqrt(len(areas)))
    letters = max(MIN_LETTERS, min(MAX_LETTERS, room))
    box = f"{-MARGIN} {-MARGIN} {width + 2 * MARGIN:.0f} {height + 2 * MARGIN:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="sans-serif"'
        f' font-size="{letters:.0f}" text-anchor="middle">{"".join(shapes + labels)}</svg>'
    ).encode()


def _dot(x, y):
    """Return the mark of a place: a dot in a ring, seen on any map."""
    return (
        f'<circle cx="{x}" cy="{y}" r="22" fill="none" stroke="{PLACE}" stroke-width="3"/>'
        f'<circle cx="{x}" cy="{y}" r="7" fill="{PLACE}"/>'
    )


def _path(area, place):
    """Return the rings of an area as the data of an SVG path."""
    rings = [
        ring
        for part in shapely.get_parts(area)
        for ring in (part.exterior, *part.interiors)
        if not part.is_empty
    ]
    return "".join(f"M{' '.join(map(place, ring.coords))}Z" for ring in rings)
