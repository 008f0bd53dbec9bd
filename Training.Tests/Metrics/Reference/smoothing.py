"""Writes smoothing.txt beside it: TensorBoard's debiased moving average as a plain weighted mean of all values so far.

(The average starts at 0 and is divided by 1 - weight^n, which is the mean with weights weight^age.)
Run with /usr/bin/python3 smoothing.py
Line format: weight | values | smoothed
"""
import math
import pathlib

VALUES = [math.sin(i / 3) + (4 if i == 11 else 0) for i in range(24)]
lines = ["# sum(weight^age * value) / sum(weight^age); made by smoothing.py"]
for weight in (0.3, 0.6, 0.9, 0.99):
    smoothed = []
    for i in range(len(VALUES)):
        weights = [weight ** (i - j) for j in range(i + 1)]
        smoothed.append(math.fsum(w * v for w, v in zip(weights, VALUES)) / math.fsum(weights))
    lines.append(" | ".join([repr(weight), ",".join(map(repr, VALUES)), ",".join(map(repr, smoothed))]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
