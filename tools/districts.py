"""Boundaries of districts: reading GeoJSON, and which districts a point is in. No Odoo in here.

Coordinates are degrees, longitude before latitude (RFC 7946, section 3.1.1).
"""

import json
from dataclasses import dataclass
from datetime import date

import shapely
from shapely import STRtree
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

MAX_BYTES = 60_000_000
MAX_FEATURES = 5_000
MAX_POINTS = 2_000_000
# For display: what no eye sees on a map of a city, some five metres.
DISPLAY_DEGREES = 0.00005
DISPLAY_DIGITS = 5
AREAS = ("Polygon", "MultiPolygon")


class BoundaryError(Exception):
    """Why a file of boundaries, or one of its features, is refused.

    :ivar kind: see the sentences of constituent.district
    :ivar values: for the sentence; `number` is the feature's, from 1
    """

    def __init__(self, kind, **values):
        super().__init__(kind)
        self.kind, self.values = kind, values


@dataclass
class Feature:
    """One area of a file.

    :ivar int number: of the feature in the file, from 1
    :ivar str code: of the district
    :ivar str name: of the district, its code when there is none
    :ivar geometry: shapely's, exact
    """

    number: int
    code: str
    name: str
    geometry: object


def read_collection(content):
    """Return the features of a GeoJSON file as they stand, with their properties.

    :param bytes content: the file
    :return list[dict]: at least one
    :raises BoundaryError: too_large, not_json, not_a_collection, no_features, too_many
    """
    if len(content) > MAX_BYTES:
        raise BoundaryError("too_large", megabytes=MAX_BYTES // 1_000_000)
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BoundaryError("not_json") from error
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        raise BoundaryError("not_a_collection")
    if not features:
        raise BoundaryError("no_features")
    if len(features) > MAX_FEATURES:
        raise BoundaryError("too_many", count=len(features), limit=MAX_FEATURES)
    return features


def property_names(features):
    """Return the names of the properties that every feature has, in the file's order."""
    names = None
    for feature in features:
        own = list(_properties(feature))
        names = own if names is None else [name for name in names if name in own]
    return names or []


def read_features(features, code_property, name_property=""):
    """Return the areas of a file; several of one code are one district.

    :param list features: as read_collection gives them
    :param str code_property: whose value is the district's code
    :param str name_property: whose value is its name
    :return list[Feature]: in the file's order
    :raises BoundaryError: with the number of the feature it stumbles over
    """
    areas, points = {}, 0
    for number, feature in enumerate(features, 1):
        properties = _properties(feature)
        code = _text(properties.get(code_property))
        if not code:
            raise BoundaryError("no_code", number=number, name=code_property)
        geometry = read_geometry(feature.get("geometry"), number)
        points += shapely.get_num_coordinates(geometry)
        if points > MAX_POINTS:
            raise BoundaryError("too_fine", number=number, limit=MAX_POINTS)
        known = areas.get(code)
        if known:
            known.geometry = _areas_of(known.geometry.union(geometry))
        else:
            name = _text(properties.get(name_property)) or code
            areas[code] = Feature(number, code, name, geometry)
    return list(areas.values())


def read_geometry(geometry, number=1):
    """Return shapely's geometry of a GeoJSON one.

    :param dict geometry: a polygon or several
    :param int number: of the feature, for the error
    :raises BoundaryError: not_an_area, broken, not_degrees, invalid
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in AREAS:
        kind = geometry.get("type") if isinstance(geometry, dict) else "—"
        raise BoundaryError("not_an_area", number=number, type=str(kind)[:40])
    try:
        area = shapely.force_2d(shape(geometry))
    except (ShapelyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise BoundaryError("broken", number=number) from error
    if area.is_empty or not shapely.get_num_coordinates(area):
        raise BoundaryError("broken", number=number)
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BoundaryError("not_degrees", number=number)
    if not area.is_valid:
        raise BoundaryError("invalid", number=number, reason=shapely.is_valid_reason(area))
    return area


def to_geojson(area):
    """Return the exact boundary as GeoJSON text."""
    return json.dumps(mapping(area), separators=(",", ":"))


def display_geojson(area):
    """Return a lighter boundary for maps, as GeoJSON text; nothing is looked up in it."""
    light = _areas_of(area.simplify(DISPLAY_DEGREES, preserve_topology=True))
    rounded = shapely.transform(light, lambda points: points.round(DISPLAY_DIGITS))
    return json.dumps(mapping(rounded), separators=(",", ":"))


def _areas_of(geometry):
    """Return what of a geometry is area: a union of neighbours may leave lines."""
    if geometry.geom_type in AREAS:
        return geometry
    return shapely.union_all([g for g in shapely.get_parts(geometry) if g.geom_type in AREAS])


def _properties(feature):
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value):
    """Return a property as text: 101 and 101.0 are the same code."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


class DistrictIndex:
    """Which districts a point was in on a day; built once, asked often.

    :ivar ids: of the districts, in the order they were given
    """

    def __init__(self, entries):
        """Take (id, GeoJSON text, valid from, valid to) of each district with a boundary."""
        entries = list(entries)
        self.ids = [entry[0] for entry in entries]
        self.spans = [(entry[2] or date.min, entry[3] or date.max) for entry in entries]
        areas = [shape(json.loads(entry[1])) for entry in entries]
        shapely.prepare(areas)
        self.tree = STRtree(areas)

    def at(self, latitude, longitude, day):
        """Return the ids of the districts a point was in on a day, a border's neighbours both.

        :param float latitude: in degrees
        :param float longitude: in degrees
        :param date day: in the office's time zone
        """
        point = shapely.Point(longitude, latitude)
        found = self.tree.query(point, predicate="intersects")
        return [
            self.ids[number]
            for number in sorted(found)
            if self.spans[number][0] <= day <= self.spans[number][1]
        ]
