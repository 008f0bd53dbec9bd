"""What the model says of photos: python3 predict.py photo.jpg more.png

Needs Pillow, NumPy and ONNX Runtime (pip install onnxruntime pillow). Without ONNX Runtime it takes PyTorch with torchvision.
"""
import json
import struct
import sys
from pathlib import Path

import numpy
from PIL import Image

HERE = Path(__file__).resolve().parent
ABOUT = json.loads((HERE / "classes.json").read_text(encoding="utf-8"))
METHODS = {
    2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
    6: Image.ROTATE_270, 7: Image.TRANSVERSE, 8: Image.ROTATE_90,
}


def prepare(path):
    """A photo as the network takes it: (1, 3, size, size). Upright as the camera says; transparent parts are white."""
    image, size = Image.open(path), ABOUT["imageSize"]
    width, height = image.size
    # Large JPEGs at a half, a quarter or an eighth, as they were in training.
    drafted = None if ABOUT.get("fullDecode") else image.draft(None, (size, size))
    image.load()
    turned = turn(image)
    if image.mode.startswith("I"):
        image = Image.fromarray((numpy.asarray(image) >> 8).astype("uint8"))
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        # Where every pixel is transparent, the alpha was never meant.
        if image.getchannel("A").getextrema()[1] > 0:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    upright = (height, width) if turned > 4 else (width, height)
    across, down = (seen(length, min(upright), size) for length in upright)
    if turned > 4:
        across, down = down, across
    if turned in (2, 3, 7, 8):
        across = 1 - across[1], 1 - across[0]
    if turned in (3, 4, 6, 7):
        down = 1 - down[1], 1 - down[0]
    right, bottom = drafted[1][2:] if drafted else image.size
    box = (across[0] * right, down[0] * bottom, min(across[1] * right, image.width), min(down[1] * bottom, image.height))
    image = image.resize((size, size), Image.BILINEAR, box=box)
    if turned > 1:
        image = image.transpose(METHODS[turned])
    values = (numpy.asarray(image, "float32") / 255 - ABOUT["mean"]) / ABOUT["deviation"]
    return values.astype("float32").transpose(2, 0, 1)[None]


def seen(length, shorter, size):
    """From where to where the network looks along one side, as parts of it: at all, or at the middle, as torchvision cuts it."""
    if ABOUT["resize"] == "squash":
        return 0, 1
    shrunk = size * length // shorter
    skipped = round((shrunk - size) / 2)
    return skipped / shrunk, (skipped + size) / shrunk


def turn(image):
    """How the photo lies in its file: 1-8, as EXIF numbers it; 1, upright, where the file says nothing that makes sense."""
    block, exif = image.info.get("exif", b""), Image.Exif()
    while block.startswith(b"Exif\0\0"):
        block = block[6:]
    try:
        exif.load(block)
        turned = exif.get(0x0112)
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
        turned = 1
    return turned if turned in METHODS else 1


def network():
    """A function from prepared photos to logits."""
    try:
        import onnxruntime
    except ImportError:
        import torch
        {{import}}

        model = {{network}}
        model.load_state_dict(torch.load(HERE / "best_model.pth", map_location="cpu"))
        model.eval()
        return lambda images: model(torch.from_numpy(images)).detach().numpy()
    session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
    return lambda images: session.run(["logits"], {"images": images})[0]


if len(sys.argv) < 2:
    sys.exit(__doc__)
run = network()
failed = False
for path in sys.argv[1:]:
    try:
        logits = run(prepare(path))[0]
        if not numpy.isfinite(logits).all():
            raise ValueError("the model's answer is no number: its weights are damaged")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        failed = True
        continue
    powers = numpy.exp(logits - logits.max())
    best = numpy.argsort(-logits)[:5]
    print(path + ": " + ", ".join(f"{ABOUT['classes'][i]} {powers[i] / powers.sum():.1%}" for i in best))
sys.exit(1 if failed else 0)
