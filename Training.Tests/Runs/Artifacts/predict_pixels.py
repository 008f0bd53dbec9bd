"""python3 predict_pixels.py FOLDER OUT PHOTO…: what the folder's predict.py hands to the network of each photo, as bytes (size, size, 3)."""
import pathlib
import sys

import numpy

folder, out, *photos = sys.argv[1:]
path = pathlib.Path(folder) / "predict.py"
program = {"__file__": str(path), "__name__": "predict"}
exec(path.read_text(encoding="utf-8").split("def network():")[0], program)
about = program["ABOUT"]
with open(out, "wb") as stream:
    for photo in photos:
        values = program["prepare"](photo)[0].transpose(1, 2, 0) * about["deviation"] + about["mean"]
        stream.write(numpy.rint(values * 255).astype("uint8").tobytes())
