"""A QR code as SVG: as sharp as the printer. No Odoo in here."""

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

# Four modules of white around, as the standard asks.
QUIET = 4


def qr_svg(text, label):
    """Return a QR code that stands up to a fold and some dirt.

    :param str text: what it says
    :param str label: what a screen reader says
    :return str: SVG
    """
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()
    dark = "".join(
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row in range(count)
        for column in range(count)
        if code.isDark(row, column)
    )
    size = count + 2 * QUIET
    # Text of the page's own: quotes are all that could end the attribute.
    name = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        f' aria-label="{name}" shape-rendering="crispEdges"><title>{name}</title>'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{dark}"/></svg>'
    )
