"""Writes formats.txt beside it: small files that SkiaSharp can't write itself, all showing the same picture when upright:
32 x 16 pixels, quarters red, green (above), blue, yellow (below).

Run with Debian's python3-pil: /usr/bin/python3 formats.py
Line format: name | file as base64
"""
import base64
import io
import pathlib
import struct
import zlib

import PIL
from PIL import Image, ImageOps

picture = Image.new("RGB", (32, 16))
for corner, colour in (((0, 0), (230, 20, 20)), ((16, 0), (20, 180, 20)), ((0, 8), (20, 20, 230)), ((16, 8), (230, 230, 20))):
    picture.paste(colour, (*corner, corner[0] + 16, corner[1] + 8))

# How the pixels have to lie in the file so that the EXIF orientation turns them upright again.
TURNS = {
    1: lambda i: i,
    2: ImageOps.mirror,
    3: lambda i: i.transpose(Image.Transpose.ROTATE_180),
    4: ImageOps.flip,
    5: lambda i: i.transpose(Image.Transpose.TRANSPOSE),
    6: lambda i: i.transpose(Image.Transpose.ROTATE_90),
    7: lambda i: i.transpose(Image.Transpose.TRANSVERSE),
    8: lambda i: i.transpose(Image.Transpose.ROTATE_270),
}


def encode(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(TURNS[orientation](picture), "JPEG", quality=90, subsampling=0, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert upright.size == (32, 16) and upright.getpixel((4, 4))[0] > 200 and upright.getpixel((28, 12))[2] < 60
    return data


cases = {f"EXIF orientation {o}": turned(o) for o in TURNS}
cases["CMYK JPEG"] = encode(picture.convert("CMYK"), "JPEG", quality=95, subsampling=0)
cases["progressive JPEG"] = encode(picture, "JPEG", quality=90, subsampling=0, progressive=True)
cases["PNG with a palette"] = encode(picture.quantize(4), "PNG")
cases["BMP"] = encode(picture, "BMP")
cases["WebP"] = encode(picture, "WEBP", lossless=True)


def exif(orientation, kind="SHORT", order="<", count=1):
    """An EXIF block with nothing but the orientation, as a number of any kind and byte order."""
    code, form = {"BYTE": (1, "B3x"), "SHORT": (3, "H2x"), "LONG": (4, "I")}[kind]
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return head + struct.pack(order + "IHHHI" + form + "I", 8, 1, 0x0112, code, count, orientation, 0)


def app1(content):
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def jpeg(orientation, *segments):
    """With segments after the first two bytes, before JFIF's."""
    data = encode(TURNS[orientation](picture), "JPEG", quality=90, subsampling=0)
    return data[:2] + b"".join(segments) + data[2:]


def png(orientation, block, before=True):
    data = encode(TURNS[orientation](picture), "PNG")
    chunk = struct.pack(">I", len(block)) + b"eXIf" + block + struct.pack(">I", zlib.crc32(b"eXIf" + block))
    at = 33 if before else len(data) - 12
    return data[:at] + chunk + data[at:]


def webp(orientation, block):
    return encode(TURNS[orientation](picture), "WEBP", lossless=True, exif=block)


def bmp32(alpha, header=40, mask=0):
    """32 bits a pixel; 40 bytes of header give the last eight bits no meaning, 108 do where the mask isn't 0."""
    turned = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    pixels = b"".join(bytes((b, g, r, alpha(n))) for n, (r, g, b) in enumerate(turned.getdata()))
    compression = 3 if mask else 0
    info = struct.pack("<IiiHHIIiiII", header, 32, 16, 1, 32, compression, len(pixels), 2835, 2835, 0, 0)
    if header > 40:
        info += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, mask) + bytes(header - 56)
    return b"BM" + struct.pack("<IHHI", 14 + header + len(pixels), 0, 0, 14 + header) + info + pixels


JFIF_EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
for order in "<>":
    cases[f"JPEG with a LONG orientation {order}"] = jpeg(6, app1(JFIF_EXIF + exif(6, "LONG", order)))
    cases[f"PNG with eXIf before the pixels {order}"] = png(6, exif(6, "SHORT", order))
    cases[f"PNG with eXIf after the pixels {order}"] = png(8, exif(8, "LONG", order), before=False)
    cases[f"WebP with EXIF {order}"] = webp(3, exif(3, "SHORT", order))
cases["JPEG with XMP before EXIF"] = jpeg(5, app1(XMP), app1(JFIF_EXIF + exif(5)))
cases["JPEG with EXIF twice"] = jpeg(6, app1(JFIF_EXIF + exif(6)), app1(JFIF_EXIF + exif(3)))
cases["JPEG with filled markers"] = jpeg(7, b"\xff\xff\xff", app1(JFIF_EXIF + exif(7)))
cases["WebP with EXIF and JPEG's prefix"] = webp(7, JFIF_EXIF + exif(7))
for value in (0, 9, 65535):
    cases[f"JPEG with orientation {value}"] = jpeg(1, app1(JFIF_EXIF + exif(value)))
cases["JPEG with an orientation of another kind"] = jpeg(1, app1(JFIF_EXIF + exif(6, "BYTE")))
cases["JPEG with two orientations in one"] = jpeg(6, app1(JFIF_EXIF + exif(6, "SHORT", count=2)))
cases["JPEG with EXIF cut off"] = jpeg(1, app1(JFIF_EXIF + exif(6)[:20]))
cases["PNG with an eXIf that is none"] = png(1, b"orientation=6")
clear = picture.convert("RGBA")
clear.putalpha(0)
cases["BMP of 32 bits with zeros"] = bmp32(lambda n: 0)
cases["BMP of 32 bits with anything"] = bmp32(lambda n: n * 37 % 256)
cases["BMP of 32 bits, V4 without a mask"] = bmp32(lambda n: n % 3, header=108)
cases["BMP wholly transparent by its mask"] = bmp32(lambda n: 0, header=108, mask=0xFF000000)
cases["PNG wholly transparent"] = encode(clear, "PNG")
cases["WebP wholly transparent"] = encode(clear, "WEBP", lossless=True, exact=True)
lines = [f"# PIL {PIL.__version__}; made by formats.py"]
lines += [f"{name} | {base64.b64encode(data).decode()}" for name, data in cases.items()]
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
