"""Writes wilson.txt beside it: 95 % Wilson intervals as SciPy gives them.

Run with Debian's python3-scipy: /usr/bin/python3 wilson.py
Line format: right,total | low | high
"""
import pathlib

import scipy
from scipy.stats import binomtest

CASES = [(0, 1), (1, 1), (0, 2), (1, 2), (6, 6), (0, 20), (1, 29), (9, 10), (15, 148), (81, 263), (139, 153), (499, 500), (9996, 10000), (50000, 50000)]

lines = [f"# SciPy {scipy.__version__}, binomtest(right, total).proportion_ci(0.95, 'wilson'); made by wilson.py"]
for right, total in CASES:
    interval = binomtest(right, total).proportion_ci(confidence_level=0.95, method="wilson")
    lines.append(f"{right},{total} | {float(interval.low)!r} | {float(interval.high)!r}")
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
