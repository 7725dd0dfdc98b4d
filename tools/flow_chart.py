"""A list of tasks as a flow chart: boxes, arrows and conditions, as SVG. No Odoo here.

Steps stand in rows, each below all it follows. An arrow that skips rows gets a place of
its own in each of them, so that it never crosses a box.
"""

import textwrap
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH, GAP_X, GAP_Y, MARGIN = 220, 28, 58, 14
LANE = 40  # what an arrow passing by needs
LINE_HEIGHT, PADDING = 17, 10
LETTERS = 30  # to a line of a box
LABEL_LETTERS = 34
ROUND_HEIGHT = 32
INK, BOX, EDGE = "#1f2937", "#eef2f7", "#5b6673"
START, END = "start", "end"


class FlowError(ValueError):
    """Steps follow each other in a circle.

    :ivar names: what the steps of the circle are called
    """

    def __init__(self, names):
        super().__init__("circle")
        self.names = names


@dataclass(frozen=True)
class Step:
    """One task of a list.

    :ivar key: names it among the others
    :ivar str name: what is to be done
    :ivar tuple after: keys of the steps it follows; the one before it when empty
    :ivar str condition: only when this is so
    :ivar str mark: a word below the name, such as "Photo"
    """

    key: object
    name: str
    after: tuple = ()
    condition: str = ""
    mark: str = ""


@dataclass
class _Node:
    """What stands in a row: a step, the start, the end, or an arrow that passes by."""

    key: object
    lines: list = field(default_factory=list)
    mark: str = ""
    width: float = LANE
    height: float = 0
    x: float = 0
    y: float = 0


def follow(steps):
    """Return which steps each one follows, in rows from above.

    :param list steps: Step objects in the order of the list
    :return tuple: ({key: tuple of keys}, {key: row from 1})
    :raises FlowError: they follow each other in a circle
    """
    known = {step.key for step in steps}
    before = {}
    for previous, step in zip([None, *steps], steps, strict=False):
        after = tuple(key for key in step.after if key in known and key != step.key)
        before[step.key] = after or ((previous.key,) if previous else ())
    rows = {}
    left = list(steps)
    while left:
        ready = [step for step in left if all(key in rows for key in before[step.key])]
        if not ready:
            raise FlowError([step.name for step in left])
        for step in ready:
            rows[step.key] = 1 + max((rows[key] for key in before[step.key]), default=0)
        left = [step for step in left if step.key not in rows]
    return before, rows


def draw(steps, start, end):
    """Return a list of tasks as a flow chart in SVG; empty when there are none.

    :param list steps: Step objects in the order of the list
    :param str start: what the first circle says
    :param str end: what the last one says
    :return bytes:
    :raises FlowError: they follow each other in a circle
    """
    if not steps:
        return b""
    before, rows = follow(steps)
    last = max(rows.values()) + 1
    nodes = {step.key: _box(step) for step in steps}
    nodes[START] = _Node(START, [start], width=WIDTH / 2, height=ROUND_HEIGHT)
    nodes[END] = _Node(END, [end], width=WIDTH / 2, height=ROUND_HEIGHT)
    edges = _edges(steps, before)
    table = [[] for _row in range(last + 1)]
    table[0].append(nodes[START])
    for step in steps:
        table[rows[step.key]].append(nodes[step.key])
    table[last].append(nodes[END])
    row_of = {**rows, START: 0, END: last}
    paths = [
        ([nodes[tail], *_lanes(tail, head, row_of, table), nodes[head]], label)
        for tail, head, label in edges
    ]
    width, height = _place(table, paths)
    return _svg(table, paths, width, height)


def _box(step):
    """Return the box of a step, as high as its words need."""
    lines = textwrap.wrap(step.name, LETTERS) or [""]
    count = len(lines) + bool(step.mark)
    return _Node(step.key, lines, step.mark, WIDTH, count * LINE_HEIGHT + 2 * PADDING)


def _edges(steps, before):
    """Return (from, to, what stands beside the arrow)."""
    followed = {key for keys in before.values() for key in keys}
    edges = []
    for step in steps:
        for key in before[step.key] or (START,):
            edges.append((key, step.key, step.condition))
    edges += [(step.key, END, "") for step in steps if step.key not in followed]
    return edges


def _lanes(tail, head, row_of, table):
    """Put places for an arrow into the rows between its ends, and return them."""
    lanes = []
    for row in range(row_of[tail] + 1, row_of[head]):
        lane = _Node((tail, head, row))
        table[row].append(lane)
        lanes.append(lane)
    return lanes


def _place(table, paths):
    """Give every node its place, rows in the middle; return width and height."""
    above = {}
    for nodes, _label in paths:
        for upper, lower in zip(nodes, nodes[1:], strict=False):
            above.setdefault(id(lower), []).append(upper)
    widths = [sum(node.width for node in row) + GAP_X * (len(row) - 1) for row in table]
    width = max(widths) + 2 * MARGIN
    y = MARGIN
    for row, row_width in zip(table, widths, strict=True):
        # As far left or right as what leads there.
        row.sort(key=lambda node: _middle(above.get(id(node), ())))
        height = max(node.height for node in row)
        x = (width - row_width) / 2
        for node in row:
            node.x, node.y = x + node.width / 2, y
            if not node.lines:
                node.height = height
            x += node.width + GAP_X
        y += height + GAP_Y
    return width, y - GAP_Y + MARGIN


def _middle(nodes):
    return sum(node.x for node in nodes) / len(nodes) if nodes else 0


def _svg(table, paths, width, height):
    """Return the picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}" font-family="sans-serif" font-size="13"'
        f' text-anchor="middle" fill="{INK}">'
    ]
    parts += [_arrow(nodes) for nodes, _label in paths]
    parts += [_shape(node) for row in table for node in row if node.lines]
    # Above all else, so that no line goes through the words.
    parts += [_label(nodes, label) for nodes, label in paths if label.strip()]
    return ("".join(parts) + "</svg>").encode()


def _arrow(nodes):
    """Return the line through some nodes, with a point at its end."""
    points = [(nodes[0].x, nodes[0].y + nodes[0].height)]
    for lane in nodes[1:-1]:
        points += [(lane.x, lane.y), (lane.x, lane.y + lane.height)]
    x, y = nodes[-1].x, nodes[-1].y
    points.append((x, y - 7))
    line = " ".join(f"{left:.1f},{top:.1f}" for left, top in points)
    return (
        f'<polyline points="{line}" fill="none" stroke="{EDGE}" stroke-width="1.5"/>'
        f'<path d="M{x - 5:.1f},{y - 8:.1f}L{x + 5:.1f},{y - 8:.1f}L{x:.1f},{y:.1f}Z"'
        f' fill="{EDGE}"/>'
    )


def _shape(node):
    """Return a box with its words."""
    left, radius, fill = node.x - node.width / 2, 6, BOX
    if node.key in (START, END):
        radius, fill = ROUND_HEIGHT / 2, "#ffffff"
    top = node.y + (node.height - (len(node.lines) + bool(node.mark)) * LINE_HEIGHT) / 2
    words = "".join(
        _text(node.x, top + (number + 0.75) * LINE_HEIGHT, line)
        for number, line in enumerate(node.lines)
    )
    if node.mark:
        at = top + (len(node.lines) + 0.75) * LINE_HEIGHT
        words += _text(node.x, at, node.mark, f' font-size="11" fill="{EDGE}"')
    return (
        f'<rect x="{left:.1f}" y="{node.y:.1f}" width="{node.width:.1f}"'
        f' height="{node.height:.1f}" rx="{radius:.0f}" fill="{fill}" stroke="{EDGE}"/>{words}'
    )


def _label(nodes, label):
    """Return the condition of an arrow, on white above its point."""
    lines = textwrap.wrap(label, LABEL_LETTERS)[:2]
    bottom = nodes[-1].y - 12
    wide = max(map(len, lines)) * 6.2 + 8
    top = bottom - len(lines) * 14
    return (
        f'<rect x="{nodes[-1].x - wide / 2:.1f}" y="{top - 2:.1f}" width="{wide:.1f}"'
        f' height="{len(lines) * 14 + 2}" fill="#ffffff" opacity="0.92"/>'
    ) + "".join(
        _text(
            nodes[-1].x,
            top + 14 * number + 10,
            line,
            ' font-size="11.5" font-style="italic"',
        )
        for number, line in enumerate(lines)
    )


def _text(x, y, words, style=""):
    # Control characters are no XML, whoever wrote them.
    clean = "".join(letter for letter in words if letter.isprintable())
    return f'<text x="{x:.1f}" y="{y:.1f}"{style}>{escape(clean)}</text>'
