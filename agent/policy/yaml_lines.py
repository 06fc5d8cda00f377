"""On which line of a YAML text a value stands, for sentences about it."""

import yaml


def line_of(text: str, place: tuple[int | str, ...]) -> int | None:
    """Of the deepest part of *place* (keys and indexes from the root) that is there. None: the text is no YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    if node is None:
        return None
    line = node.start_mark.line + 1
    for key in place:
        found = _part(node, key)
        if found is None:
            break
        line, node = found
    return line


def _part(node: yaml.Node, key: int | str) -> tuple[int, yaml.Node] | None:
    match node:
        case yaml.MappingNode():
            parts = [(name.start_mark.line + 1, value) for name, value in node.value if name.value == str(key)]
            return parts[0] if parts else None
        case yaml.SequenceNode() if isinstance(key, int) and key < len(node.value):
            return node.value[key].start_mark.line + 1, node.value[key]
        case _:
            return None
