"""What the scanner or a telephone gives: read, made harmless, cut into letters. No Odoo.

What is read is a PDF, or a picture of one of FORMATS. What comes out is a PDF of pages and
nothing else: no scripts, no actions, no files within, no fields, nothing hidden of other
pages. The original is the caller's to keep.
"""

import io
import struct
from dataclasses import dataclass

import pikepdf
import pikepdf.settings

# Odoo lets Pillow read few formats; TIFF is what scanners write. Pillow loads its reader by
# itself as soon as a picture has EXIF data: naming it here opens no door that is closed.
from PIL import Image, ImageOps, TiffImagePlugin

# Well under what Odoo takes in one request (128 MiB, and a file grows by a third on its way).
MAX_BYTES = 30_000_000
# The most a system parameter may raise it to, for the same reason.
HIGHEST_MAX_BYTES = 90_000_000
MAX_PAGES = 500
# More objects than that no scanner writes, with recognized text and all.
MAX_OBJECTS = 500_000
# A page of 8½ × 11 inches at 600 dpi has 34 million; larger ones are refused by their heads.
MAX_PIXELS = 40_000_000
# All pictures of one file together: 50 such pages at 300 dpi.
MAX_TOTAL_PIXELS = 10 * MAX_PIXELS
# No format whose reader starts another program.
FORMATS = ("JPEG", "PNG", TiffImagePlugin.TiffImageFile.format)

# A few kilobytes may unpack to gigabytes. One stream of a page of MAX_PIXELS, in color, is
# still read. For the whole process, as qpdf has it; once, before other threads use it.
_MAX_STREAM = 3 * MAX_PIXELS
if hasattr(pikepdf.settings, "set_qpdf_limits"):  # not in the last one for Python 3.10
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_MAX_STREAM,
        run_length_max_memory=_MAX_STREAM,
        png_max_memory=_MAX_STREAM,
        tiff_max_memory=_MAX_STREAM,
        parser_max_container_size=1_000_000,
    )
# What qpdf raises, and what a file leads to in which things are not what they should be.
_BROKEN = (
    pikepdf.PdfError,
    pikepdf.DataDecodingError,
    pikepdf.DeletedObjectError,
    pikepdf.ForeignObjectError,
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)

# All of a page that is kept: not its actions, place in the structure, thumbnail, threads.
_PAGE_KEYS = {
    "/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources",
    "/Contents", "/Annots", "/Group",
}  # fmt: skip
# All of an annotation that is kept, so that filled-in fields and stamps are still seen: how
# it looks. Not what it does, the field it belongs to, or what it answers.
_ANNOTATION_KEYS = ("/Type", "/Subtype", "/Rect", "/AP", "/AS", "/F")
_LIVE_ANNOTATIONS = {
    "/Link", "/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/Popup",
}  # fmt: skip
# In the dictionary of a stream: other files, within or outside, and what programs add.
_STREAM_KEYS = (
    "/AF", "/F", "/FFilter", "/FDecodeParms", "/Metadata", "/OPI", "/PieceInfo", "/Ref",
    "/StructParent", "/StructParents",
)  # fmt: skip
_LETTER = (612, 792)
_INCH = 72


class ScanError(ValueError):
    """A file that is not taken in.

    :ivar str kind: "empty", "large", "not_a_scan", "encrypted", "broken", "pages" (too
        many), "pixels" (too many in one picture) or "pixels_together"
    :ivar int number: how many there are, where that is known
    :ivar int limit: how many there may be
    """

    def __init__(self, kind, number=0, limit=0):
        super().__init__(kind)
        self.kind = kind
        self.number = number
        self.limit = limit


@dataclass(frozen=True)
class Scan:
    """A scan as it is looked at and cut.

    :ivar bytes pdf: pages and nothing else
    :ivar int pages: how many
    """

    pdf: bytes
    pages: int


def read_scan(content, max_bytes=MAX_BYTES):
    """Return a scan as a harmless PDF.

    :param bytes content: as uploaded; what kind it is says the content, not its name
    :param int max_bytes: of the file
    :return Scan: damage that can be mended is
    :raises ScanError: what is wrong with it
    """
    if not content:
        raise ScanError("empty")
    if len(content) > max_bytes:
        raise ScanError("large", len(content), max_bytes)
    if b"%PDF-" in content[:1024]:
        return _read_pdf(content)
    return _read_pictures(content)


def cut_pages(pdf, numbers):
    """Return some pages of a scan as a PDF of their own, without anything of the others.

    :param bytes pdf: as `read_scan` gives it
    :param numbers: pages from 1, in the order they are wanted
    :return bytes: the same for the same pages
    :raises ScanError: not such a PDF
    """
    try:
        with pikepdf.open(io.BytesIO(pdf)) as source:
            return _take_pages(source, [number - 1 for number in numbers])
    except _BROKEN as error:
        raise ScanError("broken") from error


# PDF


def _read_pdf(content):
    try:
        with pikepdf.open(io.BytesIO(content)) as source:
            count = _count_pages(source)
            return Scan(_take_pages(source, range(count)), count)
    except ScanError:
        raise
    except pikepdf.PasswordError as error:
        raise ScanError("encrypted") from error
    except _BROKEN as error:
        raise ScanError("broken") from error


def _count_pages(source):
    """Return how many pages there are.

    :raises ScanError: none, or too many
    """
    # What it says of itself, before all of them are looked for.
    said = int(source.Root.Pages.get("/Count", 0))
    count = said if said > MAX_PAGES else len(source.pages)
    if count > MAX_PAGES:
        raise ScanError("pages", count, MAX_PAGES)
    if not count or len(source.objects) > MAX_OBJECTS:
        raise ScanError("broken")
    return count


def _take_pages(source, indexes):
    """Return the PDF with these pages of another, made harmless.

    Into a new document: catalog, names, forms and outlines of the old one stay behind.
    """
    # Pages may share one list of pictures: each keeps what it shows.
    source.remove_unreferenced_resources()
    with pikepdf.new() as target:
        for index in indexes:
            page = source.pages[index]
            _strip_page(source, page.obj)
            target.pages.append(page)
        for found in target.objects:
            _strip_object(found)
        output = io.BytesIO()
        target.save(output, deterministic_id=True)
    return output.getvalue()


def _strip_page(source, page):
    for key in set(page.keys()) - _PAGE_KEYS:
        del page[key]
    if "/Annots" in page:
        kept = [_inert(annotation) for annotation in page.Annots if _is_inert(annotation)]
        del page["/Annots"]
        if kept:
            page.Annots = source.make_indirect(pikepdf.Array(kept))


def _is_inert(annotation):
    """Return whether an annotation is only looked at."""
    return (
        isinstance(annotation, pikepdf.Dictionary)
        and "/AP" in annotation
        and str(annotation.get("/Subtype", "/Link")) not in _LIVE_ANNOTATIONS
    )


def _inert(annotation):
    inert = pikepdf.Dictionary(
        {key: annotation[key] for key in _ANNOTATION_KEYS if key in annotation}
    )
    if inert.Subtype == "/Widget":
        # A field without its form is not shown everywhere; a stamp is.
        inert.Subtype = pikepdf.Name.Stamp
    return inert


def _strip_object(found):
    """Take other files out of an object and what is written within it."""
    if isinstance(found, pikepdf.Stream):
        for key in _STREAM_KEYS:
            if key in found:
                del found[key]
    if isinstance(found, pikepdf.Array):
        children = list(found)
    elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        if isinstance(found.get("/EF"), pikepdf.Dictionary):
            del found["/EF"]
        children = [found[key] for key in found.keys()]
    else:
        return
    for child in children:
        # What stands on its own comes by itself.
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            _strip_object(child)


# Pictures


def _read_pictures(content):
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            frames = _count_frames(image, len(content))
            if not _is_whole(content, image, frames):
                raise ScanError("broken")
            with pikepdf.new() as target:
                for number in range(frames):
                    if frames > 1:
                        image.seek(number)
                    _add_picture(target, image)
                output = io.BytesIO()
                target.save(output, deterministic_id=True)
    except ScanError:
        raise
    except Image.DecompressionBombError as error:
        raise ScanError("pixels", limit=MAX_PIXELS) from error
    except Image.UnidentifiedImageError as error:
        raise ScanError("not_a_scan") from error
    except (OSError, SyntaxError, EOFError, MemoryError, struct.error, *_BROKEN) as error:
        raise ScanError("broken") from error
    return Scan(output.getvalue(), frames)


def _has_strips(image, size):
    """Return whether all of a TIFF's page is within the file.

    :param int size: of the file, in bytes
    """
    # Strips or tiles: where each begins, and how long it is.
    for offsets, lengths in ((273, 279), (324, 325)):
        places = zip(image.tag_v2.get(offsets, ()), image.tag_v2.get(lengths, ()), strict=False)
        if any(offset + length > size for offset, length in places):
            return False
    return True


def _count_frames(image, size):
    """Return how many pages a picture has, after a look at the head of each.

    :param int size: of the file, in bytes
    :raises ScanError: too many of them, too many pixels, or a page that is cut off
    """
    frames, total = 0, 0
    while True:
        pixels = image.width * image.height
        total += pixels
        frames += 1
        if image.format == "TIFF" and not _has_strips(image, size):
            raise ScanError("broken")
        if pixels > MAX_PIXELS:
            raise ScanError("pixels", pixels, MAX_PIXELS)
        if total > MAX_TOTAL_PIXELS:
            raise ScanError("pixels_together", total, MAX_TOTAL_PIXELS)
        if frames > MAX_PAGES:
            raise ScanError("pages", frames, MAX_PAGES)
        # A telephone's JPEG may hold a second, smaller view of the same: no page.
        if image.format != "TIFF":
            return frames
        try:
            image.seek(frames)
        except EOFError:
            image.seek(0)
            return frames


def _is_whole(content, image, frames):
    """Return whether a picture's file ends where it should.

    Odoo lets Pillow show what there is of a picture, gray below, and Pillow takes a TIFF
    that was cut off for one with fewer pages: half a letter is none.
    """
    if image.format == "TIFF":
        return frames == _count_directories(content)
    if image.format == "PNG":
        return b"IEND" in content
    # The end mark stands behind the picture's data, not only behind a thumbnail's.
    return content.rfind(b"\xff\xd9") > content.rfind(b"\xff\xda")


def _count_directories(content):
    """Return how many pages a TIFF says to have: each names the place of the next."""
    order = "<" if content[:2] == b"II" else ">"
    count, (at,) = 0, struct.unpack_from(order + "I", content, 4)
    # What it names may be a page it named before.
    while at and count <= MAX_PAGES:
        (tags,) = struct.unpack_from(order + "H", content, at)
        (at,) = struct.unpack_from(order + "I", content, at + 2 + 12 * tags)
        count += 1
    return count


def _add_picture(target, image):
    """Add a page that shows a picture upright, without what its file says beside it."""
    width, height = image.size
    dpi = image.info.get("dpi") or (0, 0)
    upright = ImageOps.exif_transpose(image)
    if upright.size != (width, height):
        dpi = (dpi[1], dpi[0])
    size = _page_size(upright.size, dpi)
    page = target.add_blank_page(page_size=size)
    page.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im0=_make_image(target, upright))
    )
    content = f"q {size[0]:.2f} 0 0 {size[1]:.2f} 0 0 cm /Im0 Do Q"
    page.Contents = pikepdf.Stream(target, content.encode())


def _page_size(pixels, dpi):
    """Return width and height of a page in points.

    As large as the paper was, when the file says so; else as large as a letter has room.
    """
    sizes = [
        float(count) / float(per_inch or 0) * _INCH if per_inch else 0.0
        for count, per_inch in zip(pixels, dpi, strict=True)
    ]
    # Cameras say 72 to the inch and mean nothing by it.
    if min(dpi) > _INCH and all(2 * _INCH <= size <= 17 * _INCH for size in sizes):
        return tuple(sizes)
    room = _LETTER if pixels[0] <= pixels[1] else _LETTER[::-1]
    scale = min(room[0] / pixels[0], room[1] / pixels[1])
    return pixels[0] * scale, pixels[1] * scale


def _make_image(target, image):
    """Return a picture as an object of the PDF: black and white as it is, others as JPEG."""
    if image.mode == "1":
        stream = pikepdf.Stream(target, image.tobytes())
        space, bits = pikepdf.Name.DeviceGray, 1
    else:
        image = _flatten(image)
        output = io.BytesIO()
        image.save(output, "JPEG", quality=88)
        stream = pikepdf.Stream(target, output.getvalue(), Filter=pikepdf.Name.DCTDecode)
        space = pikepdf.Name.DeviceGray if image.mode == "L" else pikepdf.Name.DeviceRGB
        bits = 8
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = image.size
    stream.ColorSpace, stream.BitsPerComponent = space, bits
    return target.make_indirect(stream)


def _flatten(image):
    """Return a picture in gray or color, on white."""
    if image.mode.startswith("I"):
        # 16 bits of gray: Pillow would take all above 255 for white.
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image if image.mode in ("L", "RGB") else image.convert("RGB")
