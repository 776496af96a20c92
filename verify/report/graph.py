"""What rests on what: the claims as a layered graph, drawn as SVG.

1. `layers`: a claim stands right of all that it uses; one that uses nothing, just left of its first user.
2. `routes`: a line across several layers passes each at a waypoint of its own.
3. `ordered`: sweeps to and fro put every node at the mean of its neighbours, which removes most crossings.
4. `heights`: the nearest places to those means that keep the order and the distances (isotonic regression).
5. `page` draws boxes that link to the claims, coloured by verdict, and lines between them.

Claims that use nothing and are used by none are listed beside the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from ..ledger import Status
from .frame import render
from .ledger_page import MEANINGS, SIGNS, Ledger, link, tally

FILE = "graph.html"
Node = str | tuple[str, str, int]
"""A claim's id, or a waypoint: the line's ends and the layer."""

LETTER, BOX, GAP, AISLE, MARGIN, SWEEPS = 7.0, 22.0, 9.0, 50.0, 12.0, 24
PLAIN = 7.0  # the room of a line that passes a layer


@dataclass(frozen=True)
class Box:
    """One claim as it is drawn."""

    id: str
    label: str
    sign: str
    status: Status
    throughout: bool
    place: str
    target: str
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Line:
    """One use as it is drawn: from what is used to what uses it."""

    used: str
    user: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """The graph, in pixels; claims without any relation are left out."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    alone: tuple[tuple[str, Status], ...]
    width: float
    height: float


def graph_of(ledger: Ledger) -> nx.DiGraph:
    """The claims, with an edge from each to every claim that uses it."""
    graph = nx.DiGraph()
    graph.add_nodes_from(ledger.by_id)
    graph.add_edges_from((used, v.claim.id) for v in ledger.verdicts for used in v.claim.uses)
    return graph


def layers(graph: nx.DiGraph) -> dict[str, int]:
    """The layer of each node: edges lead to higher ones."""
    found = {node: i for i, layer in enumerate(nx.topological_generations(graph)) for node in layer}
    for node in graph:
        if not graph.in_degree(node) and graph.out_degree(node):
            found[node] = min(found[user] for user in graph.successors(node)) - 1
    return found


def routes(graph: nx.DiGraph, layer: Mapping[str, int]) -> dict[tuple[str, str], tuple[Node, ...]]:
    """The nodes and waypoints that each edge passes, one a layer."""
    return {(a, b): (a, *((a, b, i) for i in range(layer[a] + 1, layer[b])), b) for a, b in graph.edges}


def ordered(
    columns: Sequence[Sequence[Node]], routes: Mapping[tuple[str, str], tuple[Node, ...]]
) -> tuple[list[list[Node]], dict[Node, float]]:
    """The columns with their nodes in the order that crosses few lines, and each node's height."""
    left: dict[Node, list[Node]] = {node: [] for column in columns for node in column}
    right: dict[Node, list[Node]] = {node: [] for node in left}
    for route in routes.values():
        for a, b in pairwise(route):
            right[a].append(b)
            left[b].append(a)
    found = [list(column) for column in columns]
    y: dict[Node, float] = {}
    for column in found:
        y |= heights(column, {node: float(i) * (BOX + GAP) for i, node in enumerate(column)})
    for sweep in range(SWEEPS):
        near = (left, right, None)[sweep % 3] if sweep < SWEEPS - 6 else None
        for column in reversed(found) if sweep % 2 else found:
            wanted = {}
            for node in column:
                others = near[node] if near is not None else left[node] + right[node]
                wanted[node] = sum(y[other] for other in others) / len(others) if others else y[node]
            if sweep < SWEEPS - 6:  # the last sweeps only straighten
                column.sort(key=lambda node: wanted[node])
            y |= heights(column, wanted)
    return found, y


def heights(column: Sequence[Node], wanted: Mapping[Node, float]) -> dict[Node, float]:
    """The heights nearest to those wanted (least squares) at which the nodes keep their order and room."""
    offsets = [0.0]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] + (_room(above) + _room(below)) / 2)
    blocks: list[tuple[float, int]] = []  # mean and size of runs of nodes that touch
    for node, offset in zip(column, offsets, strict=True):
        mean, size = wanted[node] - offset, 1
        while blocks and blocks[-1][0] >= mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    settled = [mean for mean, size in blocks for _ in range(size)]
    return {node: value + offset for node, value, offset in zip(column, settled, offsets, strict=True)}


def _room(node: Node) -> float:
    return BOX + GAP if isinstance(node, str) else PLAIN


def drawing(ledger: Ledger) -> Drawing:
    """The graph of a ledger, laid out."""
    whole = graph_of(ledger)
    alone = [node for node in whole if not whole.degree(node)]
    graph = whole.subgraph([node for node in whole if whole.degree(node)])
    graph = nx.DiGraph([(a, b) for a in whole for b in whole.successors(a) if a in graph])
    layer = layers(graph)
    paths = routes(graph, layer)
    columns: list[list[Node]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in whole:  # the papers' order, to begin with
        if name in layer:
            columns[layer[name]].append(name)
    for edge, route in paths.items():
        for i, waypoint in enumerate(route[1:-1], layer[edge[0]] + 1):
            columns[i].append(waypoint)
    columns, y = ordered(columns, paths)
    top = min((value for value in y.values()), default=0.0) - BOX / 2 - MARGIN
    widths = [
        max((_width(node) for node in column if isinstance(node, str)), default=0.0) for column in columns
    ]
    starts = [MARGIN + sum(widths[:i]) + AISLE * i for i in range(len(columns))]
    place = {name: (starts[layer[name]], y[name] - top) for name in layer}
    boxes = tuple(_box(name, ledger, *place[name]) for name in ledger.by_id if name in layer)
    lines = tuple(_line(edge, route, layer, starts, widths, y, top) for edge, route in paths.items())
    return Drawing(
        boxes,
        lines,
        tuple((name, ledger.by_id[name].status) for name in alone),
        width=(starts[-1] + widths[-1] if columns else 0) + MARGIN,
        height=max(y.values(), default=0.0) - top + BOX / 2 + MARGIN,
    )


def _label(name: str) -> str:
    return name.split("/", 1)[1]


def _width(name: str) -> float:
    return LETTER * (len(_label(name)) + 2) + 16


def _box(name: str, ledger: Ledger, x: float, y: float) -> Box:
    verdict = ledger.by_id[name]
    return Box(
        id=name,
        label=_label(name),
        sign=SIGNS[verdict.status],
        status=verdict.status,
        throughout=name in ledger.throughout,
        place=verdict.claim.place,
        target=link(name),
        x=x,
        y=y,
        width=_width(name),
    )


def _line(
    edge: tuple[str, str],
    route: Sequence[Node],
    layer: Mapping[str, int],
    starts: Sequence[float],
    widths: Sequence[float],
    y: Mapping[Node, float],
    top: float,
) -> Line:
    """From the right side of a box to the left side of another, straight past the layers between."""
    first = layer[edge[0]]
    x, height = starts[first] + _width(edge[0]), y[edge[0]] - top
    path = f"M{x:.1f} {height:.1f}"
    aisle = starts[first] + widths[first]
    path += f"H{aisle:.1f}" if aisle > x else ""
    for i, node in enumerate(route[1:], first + 1):
        before, height = height, y[node] - top
        middle = starts[i] - AISLE / 2
        path += f"C{middle:.1f} {before:.1f} {middle:.1f} {height:.1f} {starts[i]:.1f} {height:.1f}"
        if node != edge[1]:
            path += f"H{starts[i] + widths[i]:.1f}"
    return Line(*edge, path)


def page(ledger: Ledger) -> str:
    """The page `graph.html`."""
    return render(
        "graph.html.jinja",
        here=FILE,
        drawing=drawing(ledger),
        box=BOX,
        signs=SIGNS,
        meanings=MEANINGS,
        counts=tally(ledger.verdicts),
    )
