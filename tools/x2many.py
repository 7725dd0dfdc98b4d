"""What somebody gives for a relation, read without Odoo."""

LINK, SET = 4, 6
# Of these the second is the id of a record that is there already.
_OF_ONE = {1, 2, 3, LINK}


def named_ids(value):
    """Return the ids of the records that a value given for a relation names.

    :param value: as `create` and `write` take it: an id, or a list of ids and commands;
        anything else names nothing
    :return set: of ids
    """
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int):
        return {value}
    if not isinstance(value, (list, tuple)):
        return set()
    return {one for part in value for one in _of_part(part)}


def _of_part(part):
    if isinstance(part, int) and not isinstance(part, bool):
        return {part}
    if not isinstance(part, (list, tuple)) or not part:
        return set()
    code, *rest = part
    if not isinstance(code, int):
        return set()
    if code == SET:
        given = rest[1] if len(rest) > 1 and isinstance(rest[1], (list, tuple)) else ()
    else:
        given = rest[:1] if code in _OF_ONE else ()
    return {one for one in given if isinstance(one, int)}
