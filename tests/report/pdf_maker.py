"""Hand-made PDFs, as hostile as needed."""

import zlib

CATALOGUE = b"<</Type/Catalog/Names<</EmbeddedFiles<</Names[(%s) 2 0 R]>>>>>>"
FILE_SPEC = b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F 3 0 R/UF 3 0 R>>>>"


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def stream(content: bytes, filters: bytes = b"", *, repeats: int = 0) -> bytes:
    """A stream object; `repeats` compresses it that often."""
    for _repeat in range(repeats):
        content = zlib.compress(content, 9)
    if repeats:
        filters = b"/Filter[" + b"/FlateDecode" * repeats + b"]"
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (filters, len(content), content)


def pdf_with(attachment: bytes, name: bytes = b"report.json") -> bytes:
    """A PDF with one attached file, given as its stream object."""
    return pdf_of(CATALOGUE % name, FILE_SPEC % (name, name), attachment)
