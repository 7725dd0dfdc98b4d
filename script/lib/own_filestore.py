"""pytest plugin: each process of `-n` has a filestore of its own.

pytest-odoo lets its processes share one, but Odoo's tests collect garbage after each
class: one process deleted the files of the others.
"""

import contextlib
import os
import shutil

import pytest_odoo

import odoo


@contextlib.contextmanager
def own_filestore(original, name):
    """Copy the filestore of a database for one process, and remove it in the end.

    :param str original: the database of the whole run
    :param str name: the process's copy of it
    """
    folder = os.path.join(odoo.tools.config["data_dir"], "filestore")
    source, target = os.path.join(folder, original), os.path.join(folder, name)
    if source == target:
        yield
        return
    shutil.rmtree(target, ignore_errors=True)
    if os.path.isdir(source):
        # Files of the store are named by their content and never rewritten: links do.
        shutil.copytree(source, target, copy_function=os.link)
    try:
        yield
    finally:
        shutil.rmtree(target, ignore_errors=True)


pytest_odoo._shared_filestore = own_filestore
