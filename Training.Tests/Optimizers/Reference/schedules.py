"""Writes schedules.txt beside it: learning rates of PyTorch's schedulers, and gradients after clip_grad_norm_.

Run with Debian's python3-torch: /usr/bin/python3 schedules.py
Line formats: plateau | validation losses | rate after them, from 1
              clip | longest | gradient | gradient after clipping
"""
import pathlib

import torch

lines = [f"# PyTorch {torch.__version__}; made by schedules.py"]
for losses in [[1.0, 0.9, 0.8, 0.7], [1.0, 1.1, 1.2], [1.0, 1.1, 1.2, 1.3, 1.4, 0.9, 0.95, 0.91],
               [1.0, 0.99995, 0.99996, 0.5, 0.6], [2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0], [0.3]]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=1 / 3, patience=1)
    for loss in losses:
        scheduler.step(loss)
    lines.append(" | ".join(["plateau", ",".join(map(repr, losses)), repr(optimizer.param_groups[0]["lr"])]))
for longest, gradient in [(1.0, [3.0, -4.0, 0.0]), (1.0, [0.3, -0.4, 0.1]), (0.05, [1e-3, 2.0, -5.0]), (1.0, [0.0, 0.0, 0.0])]:
    weights = torch.zeros(3, requires_grad=True)
    weights.grad = torch.tensor(gradient)
    torch.nn.utils.clip_grad_norm_([weights], longest)
    lines.append(" | ".join(["clip", repr(longest), ",".join(map(repr, gradient)), ",".join(map(repr, weights.grad.tolist()))]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
