#!/usr/bin/env python3
"""Train the residual network that mantis ships, and export it to ONNX.

    python3 workloads/train/fashion_resnet.py -o workloads/models/fashion-resnet.onnx

Needs Debian's python3-torch and dataset-fashion-mnist. Not part of set-up, tests or CI: the trained network is
committed. About half an hour on one core.

The network follows He et al., "Deep Residual Learning for Image Recognition" (2016), section 4.2, scaled to 28x28
grey images: a 3x3 stem, then three stages of 16, 32 and 64 channels with 1, 2 and 2 basic blocks, 1x1 projections
where the shape changes, global average pooling and one linear layer.
"""

import argparse
import gzip
import time

import numpy
import torch
from torch import nn

MEAN, STD = 0.2860, 0.3530  # of the 60 000 training images, in units of 255
DATA = "/usr/share/datasets/fashion-mnist"


class Block(nn.Module):
    """Two 3x3 convolutions and a residual connection."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + self.shortcut(x))


class FashionResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.stage1 = nn.Sequential(Block(16, 16, 1))
        self.stage2 = nn.Sequential(Block(16, 32, 2), Block(32, 32, 1))
        self.stage3 = nn.Sequential(Block(32, 64, 2), Block(64, 64, 1))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        x = self.stage3(self.stage2(self.stage1(x)))
        return self.classifier(torch.flatten(self.pool(x), 1))


def load(name):
    """Return (images N x 1 x 28 x 28 normalised float32, labels N)."""
    with gzip.open(f"{DATA}/{name}-images-idx3-ubyte.gz") as f:
        pixels = numpy.frombuffer(f.read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(f"{DATA}/{name}-labels-idx1-ubyte.gz") as f:
        labels = numpy.frombuffer(f.read(), numpy.uint8, offset=8)
    images = (pixels.astype(numpy.float32) / 255 - MEAN) / STD
    return torch.from_numpy(images), torch.from_numpy(labels.astype(numpy.int64))


def augment(images):
    """Flip half of the batch left to right and shift it by up to two pixels in each direction."""
    flip = torch.rand(len(images), 1, 1, 1) < 0.5
    images = torch.where(flip, images.flip(3), images)
    padded = nn.functional.pad(images, (2, 2, 2, 2), value=-MEAN / STD)
    dy, dx = torch.randint(0, 5, (2,)).tolist()
    return padded[:, :, dy : dy + 28, dx : dx + 28]


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        hits = sum(
            (network(images[i : i + 500]).argmax(1) == labels[i : i + 500]).sum().item()
            for i in range(0, len(images), 500)
        )
    return hits / len(images)


def train(network, epochs, batch, threads):
    torch.set_num_threads(threads)
    images, labels = load("train")
    test = load("t10k")
    steps = epochs * ((len(images) + batch - 1) // batch)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.15, total_steps=steps, pct_start=0.2)
    for epoch in range(epochs):
        network.train()
        start, order, total = time.time(), torch.randperm(len(images)), 0.0
        for chosen in order.split(batch):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(network(augment(images[chosen])), labels[chosen])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(
            f"epoch {epoch + 1}/{epochs}: loss {total / len(images):.4f}, "
            f"test top-1 {accuracy(network, *test):.4f}, {time.time() - start:.0f} s",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", required=True, help="where to write the ONNX file")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    network = FashionResNet()
    print(f"{sum(p.numel() for p in network.parameters())} parameters")
    train(network, options.epochs, options.batch, options.threads)
    network.eval()
    torch.onnx.export(
        network,
        torch.zeros(1, 1, 28, 28),
        options.output,
        opset_version=13,
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
    )


if __name__ == "__main__":
    main()
