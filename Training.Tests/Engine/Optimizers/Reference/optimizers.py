"""Writes optimizers.txt beside it: the weights after each of five steps of PyTorch's optimizers, from 0.5, -1, 2.

Run with Debian's python3-torch: /usr/bin/python3 optimizers.py
Line format: optimizer | weight decay | rate | gradient | weights after the step
"""
import pathlib

import torch

GRADIENTS = [[0.1, -2.0, 0.003], [0.2, 1.0, 0.0], [-0.4, 0.5, 1e-6], [0.0, 0.0, 0.0], [3.0, -0.25, 0.5]]
RATES = [0.1, 0.05, 0.05, 0.02, 0.01]
MAKERS = {
    "adamW": lambda p, decay: torch.optim.AdamW(p, weight_decay=decay),
    "adam": lambda p, decay: torch.optim.Adam(p, weight_decay=decay),
    "sgd": lambda p, decay: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=decay),
}

lines = [f"# PyTorch {torch.__version__}; made by optimizers.py"]
for name, make in MAKERS.items():
    for decay in (0.0, 0.05):
        weights = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
        optimizer = make([weights], decay)
        for gradient, rate in zip(GRADIENTS, RATES):
            for group in optimizer.param_groups:
                group["lr"] = rate
            weights.grad = torch.tensor(gradient)
            optimizer.step()
            lines.append(" | ".join([name, repr(decay), repr(rate), ",".join(map(repr, gradient)), ",".join(map(repr, weights.tolist()))]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
