"""Writes formats.txt beside it: small files that SkiaSharp can't write itself, all showing the same picture when upright:
32 x 16 pixels, quarters red, green (above), blue, yellow (below).

Run with Debian's python3-pil: /usr/bin/python3 formats.py
Line format: name | file as base64
"""
import base64
import io
import pathlib

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
lines = [f"# PIL {PIL.__version__}; made by formats.py"]
lines += [f"{name} | {base64.b64encode(data).decode()}" for name, data in cases.items()]
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
