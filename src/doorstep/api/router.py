"""Finding the route of a path."""

from urllib.parse import unquote_to_bytes

from doorstep.api.routes.route import Route


class Node:
    """A place in the tree of paths: what is served here, and what comes below."""

    __slots__ = ("methods", "names", "parameter", "segments")

    def __init__(self) -> None:
        self.methods: dict[str, Route] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        self.segments: dict[str, Node] = {}
        self.parameter: Node | None = None


class Router:
    """Finds a route by the raw path: segments are split first and decoded once, strictly."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._root = Node()
        for route in routes:
            for path in route.paths:
                self._add(route, path)

    def _add(self, route: Route, path: str) -> None:
        node, names = self._root, []
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.parameter = node.parameter or Node()
                node = node.parameter
            else:
                node = node.segments.setdefault(segment, Node())
        node.methods[route.method] = route
        node.names[route.method] = tuple(names)
        if route.method == "GET":
            node.methods["HEAD"] = route
            node.names["HEAD"] = tuple(names)

    def find(self, raw_path: bytes) -> tuple[Node, list[str]] | None:
        """The place of a path and its parameters; None where there is nothing."""
        path = raw_path[1:-1] if raw_path.endswith(b"/") else raw_path[1:]
        node, values = self._root, []
        for raw in path.split(b"/"):
            segment = raw.decode() if raw.isalnum() else _segment(raw)
            if not segment:
                return None
            if segment in node.segments:
                node = node.segments[segment]
            elif node.parameter is not None:
                values.append(segment)
                node = node.parameter
            else:
                return None
        return (node, values) if node.methods else None


def _segment(raw: bytes) -> str | None:
    """A decoded segment, None for one that no name can be."""
    try:
        text = unquote_to_bytes(raw).decode() if b"%" in raw else raw.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
