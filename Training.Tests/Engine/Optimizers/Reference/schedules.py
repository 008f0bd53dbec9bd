"""Writes schedules.txt beside it: learning rates of PyTorch's schedulers, and gradients after clip_grad_norm_.

Run with Debian's python3-torch: /usr/bin/python3 schedules.py
Line formats: schedule | kind | steps | warm-up or rising part | factor before each step
              plateau | validation losses | rate after them, from 1
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


def factors(make, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return ",".join(map(repr, rates))


scheduler = torch.optim.lr_scheduler
for steps in [4, 9, 60]:
    lines.append(f"schedule | cosine | {steps} | 0.0 | " + factors(lambda o: scheduler.CosineAnnealingLR(o, T_max=steps), steps))
    lines.append(f"schedule | constant | {steps} | 0.0 | " + factors(lambda o: scheduler.ConstantLR(o, factor=1.0), steps))
for steps in [6, 9, 60]:
    lines.append(f"schedule | step | {steps} | 0.0 | " + factors(lambda o: scheduler.StepLR(o, step_size=steps // 3, gamma=0.1), steps))
for steps, warm in [(20, 4), (60, 6)]:
    make = lambda o: scheduler.SequentialLR(o, [scheduler.LinearLR(o, start_factor=1 / (warm + 1), total_iters=warm), scheduler.CosineAnnealingLR(o, T_max=steps - warm)], [warm])
    lines.append(f"schedule | cosine | {steps} | {warm / steps!r} | " + factors(make, steps))
for steps, rise in [(10, 0.3), (60, 0.25), (100, 0.4)]:
    make = lambda o: scheduler.OneCycleLR(o, max_lr=1.0, total_steps=steps, pct_start=rise, div_factor=25, final_div_factor=400)
    # The scheduler refuses the step after the last one.
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    cycle, rates = make(optimizer), []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            cycle.step()
    lines.append(f"schedule | oneCycle | {steps} | {rise!r} | " + ",".join(map(repr, rates)))
for longest, gradient in [(1.0, [3.0, -4.0, 0.0]), (1.0, [0.3, -0.4, 0.1]), (0.05, [1e-3, 2.0, -5.0]), (1.0, [0.0, 0.0, 0.0])]:
    weights = torch.zeros(3, requires_grad=True)
    weights.grad = torch.tensor(gradient)
    torch.nn.utils.clip_grad_norm_([weights], longest)
    lines.append(" | ".join(["clip", repr(longest), ",".join(map(repr, gradient)), ",".join(map(repr, weights.grad.tolist()))]))
pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
