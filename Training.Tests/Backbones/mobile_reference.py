"""MobileNets and EfficientNet of torchvision, all in one process because importing it takes seconds.

FOLDER holds "images", raw float32 (2, 3, 64, 64), and for each line "NAME CONSTRUCTION" of "networks":
    NAME.ours.pth    a state dict, loaded strictly; its logits go to NAME.ours.logits
For each of them are written:
    NAME.pth         the state dict of random weights and statistics
    NAME.logits      its logits
    NAME.names       names, shapes and types of the state dict, in order
"""
import sys

import numpy
import torch
from torchvision import models

folder = sys.argv[1]
images = torch.from_numpy(numpy.fromfile(f"{folder}/images", dtype="<f4").reshape(2, 3, 64, 64))


def write_logits(model, path):
    model.eval()
    with torch.no_grad():
        model(images).numpy().astype("<f4").tofile(path)


torch.manual_seed(1)
for line in open(f"{folder}/networks").read().splitlines():
    name, construction = line.split(" ", 1)
    model = eval(construction, vars(models).copy())
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(module.weight, 0.8, 1.2)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)) and module.bias is not None:
            torch.nn.init.uniform_(module.bias, -0.5, 0.5)
    torch.save(model.state_dict(), f"{folder}/{name}.pth")
    write_logits(model, f"{folder}/{name}.logits")
    with open(f"{folder}/{name}.names", "w") as names:
        names.write("\n".join(f"{key} {list(value.shape)} {value.dtype}" for key, value in model.state_dict().items()))
    model.load_state_dict(torch.load(f"{folder}/{name}.ours.pth"), strict=True)
    write_logits(model, f"{folder}/{name}.ours.logits")
