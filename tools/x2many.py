"""What somebody gives for a relation, read without Odoo."""

# Odoo's commands: https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html
CREATE, UPDATE, SET = 0, 1, 6
# Of these the second is the id of a record that is there already.
_OF_ONE = {UPDATE, 2, 3, 4}


def named_ids(value):
    """Return the ids of the records that a value given for a relation names.

    :param value: as `create`, `write` and forms take it: an id, or a list of ids, commands
        and dicts with an id; anything else names nothing
    :return set: of ids
    """
    return {one for part in _parts(value) for one in _ids(part) if type(one) is int and one}


def named_lines(value):
    """Return the values of the records that a value given for a relation makes or changes.

    :param value: as above
    :return list[dict]: in their order
    """
    return [line for part in _parts(value) for line in _lines(part)]


def _parts(value):
    return value if isinstance(value, (list, tuple)) else [value]


def _ids(part):
    if isinstance(part, dict):
        return [part.get("id")]
    if not isinstance(part, (list, tuple)):
        return [part]
    code, second, third = (*part, None, None, None)[:3]
    if not isinstance(code, int):
        return []
    if code == SET:
        return third if isinstance(third, (list, tuple)) else []
    return [second] if code in _OF_ONE else []


def _lines(part):
    if isinstance(part, dict):
        return [part]
    if isinstance(part, (list, tuple)) and len(part) > 2 and part[0] in (CREATE, UPDATE):
        return [part[2]] if isinstance(part[2], dict) else []
    return []
