"""Scans as they come, good and bad, made by the code that reads them: real files."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image, ImageDraw, MpoImagePlugin

LETTER = (612, 792)


def make_pdf(pages=1, words="Page", **save):
    """Return a PDF whose pages say their number: "Page 1 of the scan"."""
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
            )
        )
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=LETTER)
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            text = f"BT /F1 24 Tf 72 700 Td ({words} {number} of the scan) Tj ET"
            page.Contents = pikepdf.Stream(pdf, text.encode())
        return save_pdf(pdf, **save)


def make_page(words, size=LETTER, turn=0, crop=None):
    """Return a PDF of one page that says something in its upper left corner.

    :param size: width and height in points
    :param int turn: by how much it is turned when it is shown, in degrees
    :param crop: what of it is shown, as a PDF names it
    """
    with pikepdf.open(io.BytesIO(make_pdf())) as pdf:
        page = pdf.pages[0]
        page.obj.MediaBox = [0, 0, *size]
        text = f"BT /F1 12 Tf 5 {size[1] - 15:.0f} Td ({words}) Tj ET"
        page.Contents = pikepdf.Stream(pdf, text.encode())
        if turn:
            page.obj.Rotate = turn
        if crop:
            page.obj.CropBox = crop
        return save_pdf(pdf)


def save_pdf(pdf, **save):
    """Return a document as bytes."""
    output = io.BytesIO()
    pdf.save(output, **save)
    return output.getvalue()


def make_encrypted(user="secret"):
    """Return a PDF that asks for a password; with an empty one it asks for none."""
    return make_pdf(2, encryption=pikepdf.Encryption(owner="owner", user=user))


def make_broken_xref():
    """Return a PDF whose table of contents points nowhere: cut off and out of step."""
    content = make_pdf(3, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    at = content.rindex(b"startxref")
    return content[:at].replace(b"obj\n", b"obj\n\n\n", 1) + b"startxref\n9\n%%EOF"


def make_live_pdf():
    """Return a PDF that runs, opens, links and carries all kinds of things."""
    with pikepdf.open(io.BytesIO(make_pdf(2))) as pdf:
        script = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('evil')")
        )
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("evil.exe"))
        pdf.Root.OpenAction = script
        pdf.Root.AA = pikepdf.Dictionary(WC=script)
        names = pikepdf.Array([pikepdf.String("evil"), script])
        pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=names))
        pdf.attachments["evil.exe"] = b"MZ evil"
        page = pdf.pages[0].obj
        page.AA = pikepdf.Dictionary(O=launch)
        page.AF = pikepdf.Array([pdf.attachments["evil.exe"].obj])
        look = pikepdf.Stream(pdf, b"0 0 10 10 re f")
        look.Type, look.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        look.BBox = pikepdf.Array([0, 0, 10, 10])
        look.PieceInfo = pikepdf.Dictionary(Evil=script)
        look.AF = page.AF
        rect = pikepdf.Array([0, 0, 99, 99])
        parent = pikepdf.Dictionary(FT=pikepdf.Name.Tx, V=pikepdf.String("evil of another page"))
        page.Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=rect, A=launch),
                pikepdf.Dictionary(
                    Subtype=pikepdf.Name.FileAttachment,
                    Rect=rect,
                    FS=pdf.attachments["evil.exe"].obj,
                    AP=pikepdf.Dictionary(N=look),
                ),
                pikepdf.Dictionary(
                    Subtype=pikepdf.Name.Widget,
                    Rect=rect,
                    AP=pikepdf.Dictionary(N=look),
                    AA=pikepdf.Dictionary(K=script),
                    Parent=pdf.make_indirect(parent),
                ),
            ]
        )
        return save_pdf(pdf)


def make_sharing_pdf():
    """Return a PDF of two pages that share one dictionary of pictures, one for each."""
    with pikepdf.new() as pdf:
        pictures = {}
        for name, words in (("Im1", b"first"), ("Im2", b"second")):
            form = pikepdf.Stream(pdf, b"% only of the " + words + b" page\n0 0 9 9 re f")
            form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
            form.BBox = pikepdf.Array([0, 0, 10, 10])
            pictures["/" + name] = form
        shared = pdf.make_indirect(pikepdf.Dictionary(XObject=pikepdf.Dictionary(pictures)))
        for name in ("Im1", "Im2"):
            page = pdf.add_blank_page(page_size=LETTER)
            page.Resources = shared
            page.Contents = pikepdf.Stream(pdf, f"/{name} Do".encode())
        return save_pdf(pdf)


def make_lying_count(said=5_000_000):
    """Return a PDF that says to have millions of pages."""
    content = make_pdf(1, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return content.replace(b"/Count 1", b"/Count %d" % said)


def make_stream_bomb(size=400_000_000):
    """Return a small PDF whose one page unpacks to hundreds of megabytes."""
    packer = zlib.compressobj(9)
    block = b"q Q " * 250_000
    packed = b"".join(packer.compress(block) for _ in range(size // len(block)))
    with pikepdf.open(io.BytesIO(make_pdf(1))) as pdf:
        stream = pikepdf.Stream(pdf, b"")
        stream.write(packed + packer.flush(), filter=pikepdf.Name.FlateDecode)
        pdf.pages[0].Contents = stream
        return save_pdf(pdf)


def make_picture(kind="JPEG", size=(850, 1100), mode="RGB", words="A letter", **save):
    """Return a picture of a letter."""
    image = Image.new(mode, size, 1 if mode == "1" else "white")
    ImageDraw.Draw(image).text((50, 50), words, fill=0 if mode in ("1", "L") else "black")
    output = io.BytesIO()
    image.save(output, kind, **save)
    return output.getvalue()


def make_mpo():
    """Return a JPEG as some telephones make it: with a second view behind the first."""
    output = io.BytesIO()
    pictures = [Image.new("RGB", (850, 1100), color) for color in ("white", "black")]
    pictures[0].save(
        output, MpoImagePlugin.MpoImageFile.format, save_all=True, append_images=pictures[1:]
    )
    return output.getvalue()


def make_tiff(pages=3, mode="1", **save):
    """Return a TIFF of several pages, packed as a fax is."""
    images = [Image.new(mode, (850, 1100), 1 if mode == "1" else "white") for _ in range(pages)]
    for number, image in enumerate(images, 1):
        ImageDraw.Draw(image).rectangle((0, 0, 10 * number, 10), fill=0)
    output = io.BytesIO()
    save.setdefault("compression", "group4" if mode == "1" else "tiff_lzw")
    save.setdefault("dpi", (100, 100))
    images[0].save(output, "TIFF", save_all=True, append_images=images[1:], **save)
    return output.getvalue()


def make_png_head(width=10_000, height=10_000):
    """Return the head of a PNG that says how large it is, and next to nothing behind it."""

    def chunk(name, data):
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def make_zip():
    """Return an archive, as it is when somebody renames it."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("letter.txt", "Dear Mayor")
    return output.getvalue()


def texts_of(pdf):
    """Return the content of each page of a PDF, unpacked."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [page.Contents.read_bytes().decode() for page in document.pages]


def everything_in(pdf):
    """Return all objects of a PDF as one text, streams unpacked: to look for what must not be."""
    parts = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for found in [document.trailer, *document.objects]:
            if not isinstance(found, pikepdf.Stream):
                parts.append(found.unparse(resolved=True))
            if isinstance(found, pikepdf.Stream):
                parts.append(repr(dict(found.items())).encode())
                try:
                    parts.append(found.read_bytes())
                except pikepdf.PdfError:
                    parts.append(found.read_raw_bytes())
    return b"\n".join(parts).decode("latin-1")
