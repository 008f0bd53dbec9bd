"""What PyTorch and torchvision make of our files, and files of theirs for us.

read MODEL.pth CONSTRUCTION IMAGES LOGITS NAMES
    Builds CONSTRUCTION, such as "ResNet(BasicBlock, [2, 2, 2, 3], num_classes=2)", loads MODEL.pth strictly, writes the logits of
    IMAGES and the names of its state dict in order.
write MODEL.pth CONSTRUCTION IMAGES LOGITS NAMES
    The same with random weights and statistics, which are saved as MODEL.pth.

IMAGES and LOGITS are raw little-endian float32; IMAGES has the shape (2, 3, 64, 64).
"""
import sys

import numpy
import torch
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

mode, model_path, construction, images_path, logits_path, names_path = sys.argv[1:]
torch.manual_seed(1)
model = eval(construction, {"ResNet": ResNet, "BasicBlock": BasicBlock, "Bottleneck": Bottleneck})

if mode == "read":
    model.load_state_dict(torch.load(model_path), strict=True)
else:
    images = torch.randn(4, 3, 64, 64)
    model.train()
    with torch.no_grad():
        for _ in range(3):  # statistics other than zero and one
            model(images)
    torch.save(model.state_dict(), model_path)

model.eval()
images = torch.from_numpy(numpy.fromfile(images_path, dtype="<f4").reshape(2, 3, 64, 64))
with torch.no_grad():
    model(images).numpy().astype("<f4").tofile(logits_path)
with open(names_path, "w") as names:
    names.write("\n".join(f"{name} {list(value.shape)} {value.dtype}" for name, value in model.state_dict().items()))
