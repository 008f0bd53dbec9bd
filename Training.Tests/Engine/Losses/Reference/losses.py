"""Writes losses.txt beside it: PyTorch's cross-entropy of four samples in three classes, and its gradient.

Run with Debian's python3-torch: /usr/bin/python3 losses.py
Line format: smoothing | class weights or "none" | share of the labels, the rest is of the reversed batch | loss | gradient by the logits
"""
import pathlib

import torch

LOGITS = [[2.0, -1.0, 0.5], [0.1, 0.2, -3.0], [-1.5, 4.0, 0.0], [0.0, 0.0, 1.0]]
LABELS = [0, 2, 1, 1]

lines = [f"# PyTorch {torch.__version__}; made by losses.py"]
for smoothing in (0.0, 0.1):
    for weights in (None, [4 / 3, 2 / 3, 4 / 3]):
        for share in (1.0, 0.7):
            logits = torch.tensor(LOGITS, requires_grad=True)
            labels = torch.tensor(LABELS)
            entropy = torch.nn.CrossEntropyLoss(weight=None if weights is None else torch.tensor(weights), label_smoothing=smoothing)
            loss = share * entropy(logits, labels) + (1 - share) * entropy(logits, labels.flip(0))
            loss.backward()
            lines.append(" | ".join([repr(smoothing), "none" if weights is None else ",".join(map(repr, weights)), repr(share),
                                     repr(loss.item()), ",".join(map(repr, logits.grad.flatten().tolist()))]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
