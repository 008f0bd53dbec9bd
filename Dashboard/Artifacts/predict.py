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
    """A photo as the network takes it: (1, 3, size, size)."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    square = (ABOUT["imageSize"], ABOUT["imageSize"])
    if ABOUT["resize"] == "squash":
        image = image.resize(square, Image.BILINEAR)
    else:
        image = ImageOps.fit(image, square, Image.BILINEAR)
    values = (numpy.asarray(image, "float32") / 255 - ABOUT["mean"]) / ABOUT["deviation"]
    return values.astype("float32").transpose(2, 0, 1)[None]


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
    except OSError as error:
        print(f"{path}: {error}", file=sys.stderr)
        failed = True
        continue
    powers = numpy.exp(logits - logits.max())
    best = numpy.argsort(-logits)[:5]
    print(path + ": " + ", ".join(f"{ABOUT['classes'][i]} {powers[i] / powers.sum():.1%}" for i in best))
sys.exit(1 if failed else 0)
