"""Writes class_report.txt beside it: what scikit-learn says of some confusion matrices.

Run with Debian's python3-sklearn: /usr/bin/python3 class_report.py
Line format: name | matrix, rows separated by ';' | per class precision,recall,f1,support | macro | weighted | accuracy
"""
import pathlib
import random

import sklearn
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

random.seed(7)
CASES = {
    "two classes": [[50, 3], [7, 40]],
    "all right": [[5, 0, 0], [0, 4, 0], [0, 0, 3]],
    "all wrong": [[0, 5], [4, 0]],
    "a class that is never predicted": [[10, 0, 2], [3, 0, 1], [1, 0, 8]],
    "a class without samples": [[10, 1, 2], [0, 0, 0], [1, 2, 8]],
    "a class that is neither": [[10, 0, 2], [0, 0, 0], [1, 0, 8]],
    "one sample": [[0, 1], [0, 0]],
    "eight random classes": [[random.choice([0, 0, 1, 2, 5, 30]) for _ in range(8)] for _ in range(8)],
}


def numbers(values):
    return ",".join(repr(float(value)) for value in values)


lines = [f"# scikit-learn {sklearn.__version__}, zero_division=0, labels=all classes, averages over those with samples; made by class_report.py"]
for name, matrix in CASES.items():
    truth, predicted = [], []
    for t, row in enumerate(matrix):
        for p, count in enumerate(row):
            truth += [t] * count
            predicted += [p] * count
    labels = range(len(matrix))
    each = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    # A class without samples was not measured: it counts in no average.
    measured = [label for label in labels if label in truth]
    macro = precision_recall_fscore_support(truth, predicted, labels=measured, average="macro", zero_division=0)
    weighted = precision_recall_fscore_support(truth, predicted, labels=labels, average="weighted", zero_division=0)
    lines.append(" | ".join([
        name,
        ";".join(",".join(map(str, row)) for row in matrix),
        ";".join(numbers(values) for values in zip(*each)),
        numbers(macro[:3]),
        numbers(weighted[:3]),
        repr(float(accuracy_score(truth, predicted))),
    ]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
