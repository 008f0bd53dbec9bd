"""Writes resize.txt beside it: what PIL's antialiased bilinear resize makes of the picture that Pictures.Scene draws.

Run with Debian's python3-pil: /usr/bin/python3 resize.py
Line format: name | source width,height | box left,top,right,bottom in pixels | size | RGB bytes of the square, rows first, as hex
"""
import math
import pathlib

import PIL
from PIL import Image

SIZE = 16


def scene(width, height):
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            image.putpixel((x, y), tuple(
                int(127.5 + 60 * math.sin(x * (0.031 + 0.02 * c)) + 40 * math.cos(y * 0.047 + c) + (x * 31 + y * 17 + c * 7) % 23 - 11)
                for c in range(3)))
    return image


def centre(width, height):
    """The box of torchvision's Resize(SIZE), CenterCrop(SIZE)."""
    short = min(width, height)
    w, h = int(SIZE * width / short), int(SIZE * height / short)
    left, top = round((w - SIZE) / 2), round((h - SIZE) / 2)
    return left * width / w, top * height / h, (left + SIZE) * width / w, (top + SIZE) * height / h


CASES = [
    ("squash", 200, 150, lambda w, h: (0, 0, w, h)),
    ("centre of a wide picture", 230, 150, centre),
    ("centre of a tall picture", 120, 250, centre),
    ("crop", 200, 150, lambda w, h: (0.25 * w, 0.1 * h, 0.85 * w, 0.7 * h)),
    ("enlarged", 9, 7, lambda w, h: (0, 0, w, h)),
]
lines = [f"# PIL {PIL.__version__}, Image.resize(BILINEAR, box); made by resize.py"]
for name, width, height, box in CASES:
    part = box(width, height)
    square = scene(width, height).resize((SIZE, SIZE), Image.BILINEAR, box=part)
    lines.append(" | ".join([name, f"{width},{height}", ",".join(map(repr, part)), str(SIZE), square.tobytes().hex()]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
