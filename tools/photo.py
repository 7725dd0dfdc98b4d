"""Photos from the street: small, and without what a telephone writes into them. No Odoo.

A telephone's photo says where and when it was taken, by which device, sometimes by
whom. What is kept is the picture alone.
"""

import io

from PIL import Image, ImageOps

MAX_BYTES = 20_000_000
# More than any telephone's camera; a small file may claim to be gigantic.
MAX_PIXELS = 60_000_000
SIZE = (2048, 2048)
END = b"\xff\xd9"
# No format whose reader starts another program; Odoo lets Pillow read no others (WebP).
FORMATS = ("JPEG", "PNG", "GIF", "BMP")


class PhotoError(ValueError):
    """A file that is not kept as a photo.

    :ivar str kind: "large" or "not_a_photo"
    """

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


def clean_photo(content):
    """Return a picture upright, of sensible size and as JPEG without any metadata.

    :param bytes content: what was uploaded
    :return bytes: unchanged when it is like that already
    :raises PhotoError: too large, or no picture
    """
    if len(content) > MAX_BYTES:
        raise PhotoError("large")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PhotoError("large")
            # Nothing stands behind the mark that ends a picture.
            if is_clean(image) and content.find(END) == len(content) - len(END):
                image.load()
                return content
            image = ImageOps.exif_transpose(image)
            image.thumbnail(SIZE)
            rgba = image.convert("RGBA")
            white = Image.new("RGB", rgba.size, "white")
            white.paste(rgba, mask=rgba.getchannel("A"))
    except PhotoError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoError("not_a_photo") from error
    output = io.BytesIO()
    white.save(output, "JPEG", quality=85)
    return output.getvalue()


def is_clean(image):
    """Return whether an open picture is as `clean_photo` makes them.

    :param image: a PIL image
    :return bool: a JPEG of that size, whose head says nothing but its resolution
    """
    return (
        image.format == "JPEG"
        and image.mode == "RGB"
        and image.width <= SIZE[0]
        and image.height <= SIZE[1]
        and not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        and not getattr(image, "applist", [])[1:]
    )
