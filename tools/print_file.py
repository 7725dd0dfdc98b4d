"""Many letters in one file for the printer, made by pikepdf. No Odoo in here.

Thousands of letters go into one file within the memory of a worker: what is on each page
stays where it is until the file is written, and a picture that all of them show (the
office's seal) is there once. The file is for paper: what describes a letter to screen
readers stays with the letter itself.
"""

import contextlib
import hashlib
import io
import subprocess
import sys
import tempfile

import pikepdf
from pikepdf import Dictionary

# Seconds: twenty thousand letters take one.
JOIN_TIMEOUT = 600

# They speak of the structure of the letter, which is not taken along.
_OF_STRUCTURE = ("/StructParents", "/Tabs", "/Annots")


class UnreadableError(ValueError):
    """A document that is no PDF, or one that is locked."""


class PrintFile:
    """A file that grows letter by letter.

    :param bool duplex: begin each document on the front of a sheet
    """

    def __init__(self, duplex=False):
        self._duplex = duplex
        self._pdf = pikepdf.new()
        # Digest of a picture → the one that stays
        self._pictures = {}
        # Number of an object → the picture that stands for it
        self._looked_at = {}
        # Digest of a document that many letters bring → the document, open
        self._documents = {}

    @property
    def page_count(self):
        """How many pages it has, blank backs among them."""
        return len(self._pdf.pages)

    def add(self, content):
        """Put the pages of a document behind those that are there.

        Nothing holds on to the document but its bytes, or the file: with the objects of
        thousands of documents there would be no memory left. An open file is read when the
        whole is written, so a long document takes no memory either.

        :param content: a PDF, as bytes or as a binary file that nobody else reads
        :return int: how many pages it has, without the blank back
        :raises UnreadableError: not one, or without pages; nothing was added
        """
        return self._append(self._open(content))

    def add_again(self, key, make):
        """Put the pages of a document behind those that are there, as often as one likes.

        It is in the file once, however many letters bring it.

        :param key: stands for the document
        :param make: gives it as bytes, called the first time
        :return int: by how many bytes the file grows
        :raises UnreadableError: as `add`
        """
        size = 0
        if key not in self._documents:
            content = make()
            size = len(content)
            self._documents[key] = self._open(content)
        self._append(self._documents[key])
        return size

    @staticmethod
    def _open(content):
        try:
            source = io.BytesIO(content) if isinstance(content, bytes) else content
            # A file is looked at in place, which takes a third of the time of reading it.
            document = pikepdf.open(source, access_mode=pikepdf.AccessMode.mmap)
            for page in document.pages:
                # Here, not on the way out: what hangs on them would be copied along.
                for name in _OF_STRUCTURE:
                    if name in page.obj:
                        del page.obj[name]
        except (
            pikepdf.PdfError,
            pikepdf.PasswordError,
            ValueError,
            TypeError,
            AttributeError,
        ) as error:
            raise UnreadableError(type(error).__name__) from error
        if not document.pages:
            raise UnreadableError("no pages")
        return document

    def _append(self, document):
        first, count = self.page_count, len(document.pages)
        self._pdf.pages.extend(document.pages)
        # By number: a slice of the pages reads all of them.
        for at in range(first, first + count):
            self._share_pictures(self._pdf.pages[at].obj)
        if self._duplex and count % 2:
            left, bottom, right, top = map(float, self._pdf.pages[first].mediabox)
            self._pdf.add_blank_page(page_size=(right - left, top - bottom))
        return count

    def cut(self, count):
        """Take the last pages away.

        :param int count: how many pages stay
        """
        del self._pdf.pages[count:]

    def _share_pictures(self, page):
        pictures = page.get("/Resources", Dictionary()).get("/XObject", Dictionary())
        for name, picture in list(pictures.as_dict().items()):
            known = self._looked_at.get(picture.objgen)
            if known is None:
                known = self._pictures.setdefault(self._digest(picture), picture)
                # Of a part of the file, thousands of pages show the same one.
                self._looked_at[picture.objgen] = known
            if known.objgen != picture.objgen:
                pictures[name] = known

    @staticmethod
    def _digest(picture):
        """Return what two pictures have in common only when they look the same."""
        digest = hashlib.sha256(picture.read_raw_bytes())
        for name, value in sorted(picture.stream_dict.items()):
            if isinstance(value, pikepdf.Stream):
                digest.update(value.read_raw_bytes())
            elif name != "/Length":
                digest.update(f"{name} {value!r}".encode())
        return digest.digest()

    def content(self):
        """Return the file, and forget what it is made of: nothing can be added any more.

        :return bytes: a PDF
        :raises ValueError: nothing was added
        """
        # By way of the disk, so that the whole is not in memory beside its parts.
        with tempfile.TemporaryFile() as output:
            self.save(output)
            output.seek(0)
            return output.read()

    def save(self, output):
        """Write the file, and forget what it is made of: nothing can be added any more.

        :param output: a path, or a binary file
        :raises ValueError: nothing was added
        """
        if not self.page_count:
            raise ValueError("no pages")
        self._pdf.save(output)
        self._pdf.close()
        self._pictures.clear()
        self._looked_at.clear()
        self._documents.clear()


def join_apart(parts, target):
    """Join print files in a process of its own, which gives back what it took.

    Of five thousand letters the objects take 600 MB, which the caller's process would keep.

    :param list[Path] parts: in their order
    :param Path target: of the whole
    :return int: how many pages it has
    :raises subprocess.SubprocessError: a part cannot be read, or it takes too long
    """
    # Paths and nothing else: no shell, and nothing of the parts is a command.
    command = [sys.executable, __file__, target, *parts]
    done = subprocess.run(command, check=True, capture_output=True, timeout=JOIN_TIMEOUT)
    return int(done.stdout)


def _join(target, *parts):
    print_file = PrintFile()
    with contextlib.ExitStack() as files:
        for part in parts:
            print_file.add(files.enter_context(open(part, "rb")))
        pages = print_file.page_count
        print_file.save(target)
    return pages


def overlay(content, stamp, last):
    """Return a PDF with something printed over its pages.

    :param bytes content: the PDF
    :param bytes stamp: a PDF whose first page goes over each page
    :param bytes last: one whose first page goes over the last page too
    :return bytes: the PDF with the pages it had
    :raises UnreadableError: one of them is no PDF
    """
    output = io.BytesIO()
    try:
        with (
            pikepdf.open(io.BytesIO(content)) as document,
            pikepdf.open(io.BytesIO(stamp)) as every,
            pikepdf.open(io.BytesIO(last)) as end,
        ):
            for page in document.pages:
                page.add_overlay(every.pages[0])
            document.pages[-1].add_overlay(end.pages[0])
            document.save(output)
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        raise UnreadableError(type(error).__name__) from error
    return output.getvalue()


if __name__ == "__main__":
    sys.stdout.write(f"{_join(*sys.argv[1:])}\n")
