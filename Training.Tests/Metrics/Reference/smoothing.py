"""Writes smoothing.txt beside it: TensorBoard's debiased moving average, written down independently (pandas).

pandas' ewm(adjust=True) divides by the sum of the weights so far, which is what TensorBoard's debiasing amounts to.
Run with Debian's python3-pandas: /usr/bin/python3 smoothing.py
Line format: weight | values | smoothed
"""
import math
import pathlib

import pandas

VALUES = [math.sin(i / 3) + (4 if i == 11 else 0) for i in range(24)]
lines = [f"# pandas {pandas.__version__}, ewm(alpha=1-weight, adjust=True); made by smoothing.py"]
for weight in (0.3, 0.6, 0.9, 0.99):
    smoothed = pandas.Series(VALUES).ewm(alpha=1 - weight, adjust=True).mean()
    lines.append(" | ".join([repr(weight), ",".join(map(repr, VALUES)), ",".join(repr(float(v)) for v in smoothed)]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
