"""Writes pixels.txt beside it: what Pillow's image operations make of a square of 6 pixels.

Run with Debian's python3-pil: /usr/bin/python3 pixels.py
Line formats: image | values of RGB, rows first
              operation | strength | values
"""
import pathlib
import random

import PIL
from PIL import Image, ImageEnhance, ImageOps

SIZE = 6
draw = random.Random(5)
values = bytes(draw.randrange(20, 230) if index % 3 else draw.randrange(256) for index in range(SIZE * SIZE * 3))
image = Image.frombytes("RGB", (SIZE, SIZE), values)
operations = {
    "brightness": lambda s: ImageEnhance.Brightness(image).enhance(s),
    "contrast": lambda s: ImageEnhance.Contrast(image).enhance(s),
    "saturation": lambda s: ImageEnhance.Color(image).enhance(s),
    "sharpness": lambda s: ImageEnhance.Sharpness(image).enhance(s),
    "posterize": lambda s: ImageOps.posterize(image, int(s)),
    "solarize": lambda s: ImageOps.solarize(image, s),
    "autoContrast": lambda s: ImageOps.autocontrast(image),
    "equalize": lambda s: ImageOps.equalize(image),
}
strengths = {"posterize": [2, 5, 8], "solarize": [0, 100.5, 255], "autoContrast": [0], "equalize": [0]}
lines = [f"# Pillow {PIL.__version__}; made by pixels.py", "image | " + ",".join(map(str, values))]
for name, operate in operations.items():
    for strength in strengths.get(name, [0.01, 0.6, 1.0, 1.37, 1.99]):
        lines.append(" | ".join([name, repr(strength), ",".join(map(str, operate(strength).tobytes()))]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
