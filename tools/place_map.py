"""A picture of a place and what was reported around it, without any map service. No Odoo here.

Boundaries of districts are the map where there are some; a scale and the circle say how far
things are apart. SVG for an <img>, where scripts and outside references do nothing.
"""

import json
import math
import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import shapely
from shapely.geometry import box, shape

from .duplicates import METRES_PER_DEGREE

SIZE, MARGIN = 320, 14
HERE, THERE, LINE, CIRCLE = "#714b67", "#017e84", "#9aa5b1", "#714b67"
# The steps of the scale, in metres.
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def is_tile_address(url):
    """Return whether an address is one of map tiles: https, zoom and place in its path.

    :param str url: as Leaflet takes them: https://tiles.example.gov/{z}/{x}/{y}.png
    """
    try:
        # The names in braces have no place in a host; {s} would stand in front of one.
        parts = urlsplit(url.replace("{s}.", ""))
        host = parts.hostname or ""
    except ValueError:
        return False
    inside = all(f"{{{name}}}" in parts.path + parts.query for name in "xyz")
    return parts.scheme == "https" and bool(re.fullmatch(r"[a-z0-9.:-]+", host)) and inside


@dataclass(frozen=True)
class Mark:
    """Something that was reported.

    :ivar latitude: degrees
    :ivar longitude: degrees
    :ivar label: a letter or number beside it
    """

    latitude: float
    longitude: float
    label: str = ""


def draw_place(here, marks, radius, boundaries=()):
    """Return the picture of a place, north above.

    :param Mark here: in the middle
    :param marks: Mark objects around it
    :param float radius: of the circle, in metres
    :param boundaries: GeoJSON geometries as text, drawn as lines
    :return bytes: SVG
    """
    squeeze = math.cos(math.radians(here.latitude)) or 1e-6

    def _metres(latitude, longitude):
        east = (longitude - here.longitude) * METRES_PER_DEGREE * squeeze
        return east, (latitude - here.latitude) * METRES_PER_DEGREE

    spots = [(*_metres(mark.latitude, mark.longitude), mark) for mark in marks]
    # At least a metre: of what lies closer together a picture says nothing, and the scale of
    # a distance near nothing is no number.
    reach = max([1, radius, *(max(abs(x), abs(y)) for x, y, _mark in spots)]) * 1.1
    scale = (SIZE / 2 - MARGIN) / reach

    def _point(x, y):
        return f"{SIZE / 2 + x * scale:.1f}", f"{SIZE / 2 - y * scale:.1f}"

    parts = [f'<rect width="{SIZE}" height="{SIZE}" fill="#f7f8fa"/>']
    parts += _lines(here, reach, boundaries, _metres, _point)
    middle = f'cx="{SIZE / 2}" cy="{SIZE / 2}"'
    parts.append(
        f'<circle {middle} r="{radius * scale:.1f}" fill="{CIRCLE}" fill-opacity=".07"'
        f' stroke="{CIRCLE}" stroke-dasharray="4 3"/>'
    )
    for x, y, mark in spots:
        parts += _spot(*_point(x, y), THERE, mark.label)
    parts += _spot(str(SIZE / 2), str(SIZE / 2), HERE, here.label)
    parts += _scale_bar(scale)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}"'
        f' font-family="sans-serif" font-size="13">{"".join(parts)}</svg>'
    ).encode()


def boundary_lines(here, geojson, metres):
    """Return the pieces of a boundary around a place.

    :param Mark here: the place
    :param str geojson: a geometry
    :param float metres: how far from the place, at least
    :return list: lines, each a list of (latitude, longitude) in degrees
    """
    up = metres / METRES_PER_DEGREE
    across = up / (math.cos(math.radians(here.latitude)) or 1e-6)
    window = box(
        here.longitude - across, here.latitude - up, here.longitude + across, here.latitude + up
    )
    line = shapely.intersection(shape(json.loads(geojson)).boundary, window)
    return [
        [(y, x) for x, y, *_height in part.coords]
        for part in shapely.get_parts(line)
        if part.geom_type == "LineString" and not part.is_empty
    ]


def _lines(here, reach, boundaries, metres, point):
    """Return the boundaries that cross the picture."""
    paths = (
        " ".join(",".join(point(*metres(*place))) for place in line)
        for geojson in boundaries
        for line in boundary_lines(here, geojson, reach * 1.3)
    )
    return [f'<polyline points="{path}" fill="none" stroke="{LINE}"/>' for path in paths]


def _spot(x, y, color, label):
    found = [f'<circle cx="{x}" cy="{y}" r="6" fill="{color}" stroke="#fff" stroke-width="1.5"/>']
    if label:
        found.append(
            f'<text x="{x}" y="{float(y) - 10:.1f}" fill="{color}" text-anchor="middle"'
            f' font-weight="bold">{escape(label)}</text>'
        )
    return found


def _scale_bar(scale):
    """Return a bar of a round number of metres, at most a third of the picture wide."""
    length = max((step for step in STEPS if step * scale <= SIZE / 3), default=STEPS[0])
    right = MARGIN + length * scale
    bottom = SIZE - MARGIN
    return [
        f'<path d="M{MARGIN},{bottom - 4}V{bottom}H{right:.1f}V{bottom - 4}" fill="none"'
        ' stroke="#374151"/>',
        f'<text x="{right + 6:.1f}" y="{bottom}" fill="#374151" font-size="11">{length} m</text>',
    ]
