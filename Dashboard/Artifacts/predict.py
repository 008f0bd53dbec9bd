"""What the model says of photos: python3 predict.py photo.jpg more.png

Needs Pillow, NumPy and ONNX Runtime (pip install onnxruntime pillow). Without ONNX Runtime it takes PyTorch with torchvision.
"""
import json
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
ABOUT = json.loads((HERE / "classes.json").read_text(encoding="utf-8"))


def prepare(path):
    """A photo as the network takes it: (1, 3, size, size). Upright as the camera says; transparent parts are white."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith("I"):
        image = Image.fromarray((numpy.asarray(image) >> 8).astype("uint8"))
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    size = ABOUT["imageSize"]
    (left, right), (top, bottom) = (seen(length, min(image.size), size) for length in image.size)
    image = image.resize((size, size), Image.BILINEAR, box=(left, top, right, bottom))
    values = (numpy.asarray(image, "float32") / 255 - ABOUT["mean"]) / ABOUT["deviation"]
    return values.astype("float32").transpose(2, 0, 1)[None]


def seen(length, shorter, size):
    """From where to where the network looks along one side: at all of it, or at the middle, as torchvision cuts it."""
    if ABOUT["resize"] == "squash":
        return 0, length
    shrunk = size * length // shorter
    skipped = round((shrunk - size) / 2)
    return skipped * length / shrunk, (skipped + size) * length / shrunk


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
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        failed = True
        continue
    powers = numpy.exp(logits - logits.max())
    best = numpy.argsort(-logits)[:5]
    print(path + ": " + ", ".join(f"{ABOUT['classes'][i]} {powers[i] / powers.sum():.1%}" for i in best))
sys.exit(1 if failed else 0)
