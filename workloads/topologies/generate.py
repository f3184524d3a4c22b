#!/usr/bin/env python3
"""Writes the layer tables of this folder from the papers' architecture tables.

    workloads/topologies/generate.py [FOLDER]

Each row is one layer that multiplies, in SCALE-Sim's form (workloads/topology.h): the IFMAP is
padded, less the rows and columns that no window reads, so that it is (output - 1) * stride +
filter high. `Groups` and `Operands` are written where a network needs them.

Layers are named after the modules of pytorchcv's models (https://pypi.org/project/pytorchcv),
which HAWQ-V3 quantises: stage2.unit1.conv1. Biases, normalisation and pooling are no rows.
"""
import os
import sys


class Table:
    """Rows of one network; `size` and `channels` are those of the tensor that the next layer reads."""

    def __init__(self, size, channels):
        self.size, self.channels = size, channels
        self.rows = []

    def add(self, name, ifm, kernel, channels, filters, stride=1, groups=1, operands="weights"):
        self.rows.append((name, *ifm, *kernel, channels, filters, stride, groups, operands))

    def conv(self, name, filters, kernel=1, stride=1, pad=None, groups=1):
        """A convolution of what the last layer gave; `kernel` and `pad` are one number or (height, width)."""
        kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        pad = tuple(k // 2 for k in kernel) if pad is None else (pad, pad)
        output = [(self.size + 2 * p - k) // stride + 1 for k, p in zip(kernel, pad)]
        assert output[0] == output[1]
        ifm = [(o - 1) * stride + k for o, k in zip(output, kernel)]
        self.add(name, ifm, kernel, self.channels, filters, stride, groups)
        self.size, self.channels = output[0], filters

    def pool(self, kernel, stride, pad=0):
        self.size = (self.size + 2 * pad - kernel) // stride + 1

    def fully_connected(self, name, filters, inputs=None):
        self.add(name, (1, 1), (1, 1), inputs or self.channels, filters)
        self.size, self.channels = 1, filters

    def tokens(self, name, tokens, channels, filters, groups=1, operands="weights"):
        """The same matrix for every token: a GEMM of tokens x channels by channels x filters."""
        self.add(name, (tokens, 1), (1, 1), channels, filters, 1, groups, operands)

    def branches(self, branches, pooled=0):
        """Branches that read the same tensor and are concatenated; `pooled` channels pass through a pool."""
        size, channels = self.size, self.channels
        outputs = []
        for branch in branches:
            self.size, self.channels = size, channels
            branch(self)
            outputs.append(self.channels)
        self.channels = sum(outputs) + pooled


def alexnet():
    """Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014: one tower."""
    table = Table(224, 3)
    table.conv("stage1.unit1.conv", 64, 11, 4, pad=2)
    table.pool(3, 2)
    table.conv("stage2.unit1.conv", 192, 5)
    table.pool(3, 2)
    for unit, filters in enumerate((384, 256, 256), 1):
        table.conv(f"stage3.unit{unit}.conv", filters, 3)
    table.pool(3, 2)
    table.fully_connected("output.fc1", 4096, 256 * 6 * 6)
    table.fully_connected("output.fc2", 4096)
    table.fully_connected("output.fc3", 1000)
    return table


def vgg16():
    """Simonyan and Zisserman, ICLR 2015, table 1, column D."""
    table = Table(224, 3)
    for stage, (units, filters) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), 1):
        for unit in range(1, units + 1):
            table.conv(f"stage{stage}.unit{unit}.conv", filters, 3)
        table.pool(2, 2)
    table.fully_connected("output.fc1", 4096, 512 * 7 * 7)
    table.fully_connected("output.fc2", 4096)
    table.fully_connected("output.fc3", 1000)
    return table


def residual_unit(table, name, layers, stride):
    """`layers`: (filters, kernel, stride, groups) of conv1, conv2, ...; then the shortcut's projection where the
    shape changes."""
    size, channels = table.size, table.channels
    for index, (filters, kernel, layer_stride, groups) in enumerate(layers, 1):
        table.conv(f"{name}.conv{index}", filters, kernel, layer_stride, groups=groups)
    filters = table.channels
    if stride != 1 or channels != filters:
        table.size, table.channels = size, channels
        table.conv(f"{name}.identity", filters, 1, stride)


def resnet(units, unit_layers):
    """He et al., CVPR 2016, table 1. unit_layers(width, stride) gives the layers of one unit."""
    table = Table(224, 3)
    table.conv("init_block.conv", 64, 7, 2)
    table.pool(3, 2, 1)
    for stage, count in enumerate(units, 1):
        for unit in range(1, count + 1):
            stride = 2 if stage > 1 and unit == 1 else 1
            residual_unit(table, f"stage{stage}.unit{unit}", unit_layers(64 << stage - 1, stride), stride)
    table.fully_connected("output", 1000)
    return table


def basic(width, stride):
    return (width, 3, stride, 1), (width, 3, 1, 1)


def bottleneck(width, stride):
    """Stride in the 3x3 convolution: torchvision's ResNets, pytorchcv's resnet50b, "v1.5"."""
    return (width, 1, 1, 1), (width, 3, stride, 1), (4 * width, 1, 1, 1)


def bottleneck_v1(width, stride):
    """Stride in the first 1x1 convolution: the paper's, pytorchcv's and HAWQ's resnet50."""
    return (width, 1, stride, 1), (width, 3, 1, 1), (4 * width, 1, 1, 1)


def inception_v3():
    """Szegedy et al., CVPR 2016, table 1 and figures 5 to 7 and 10, without the auxiliary classifier."""
    table = Table(299, 3)
    table.conv("init_block.conv1", 32, 3, 2, pad=0)
    table.conv("init_block.conv2", 32, 3, pad=0)
    table.conv("init_block.conv3", 64, 3)
    table.pool(3, 2)
    table.conv("init_block.conv4", 80)
    table.conv("init_block.conv5", 192, 3, pad=0)
    table.pool(3, 2)
    for unit, pool_filters in enumerate((32, 64, 64), 1):
        inception_a(table, f"stage1.unit{unit}", pool_filters)
    inception_reduction_a(table, "stage2.unit1")
    for unit, width in enumerate((128, 160, 160, 192), 2):
        inception_b(table, f"stage2.unit{unit}", width)
    inception_reduction_b(table, "stage3.unit1")
    for unit in (2, 3):
        inception_c(table, f"stage3.unit{unit}")
    table.fully_connected("output", 1000)
    return table


def chain(name, *layers):
    """A branch of convolutions in a row; each layer is the arguments of Table.conv."""
    def add(table):
        for index, layer in enumerate(layers, 1):
            table.conv(f"{name}.conv{index}", *layer)
    return add


def inception_a(table, name, pool_filters):
    table.branches((
        chain(f"{name}.branch1", (64,)),
        chain(f"{name}.branch2", (48,), (64, 5)),
        chain(f"{name}.branch3", (64,), (96, 3), (96, 3)),
        chain(f"{name}.branch4", (pool_filters,))))


def inception_reduction_a(table, name):
    table.branches((
        chain(f"{name}.branch1", (384, 3, 2, 0)),
        chain(f"{name}.branch2", (64,), (96, 3), (96, 3, 2, 0))), pooled=table.channels)


def inception_b(table, name, width):
    row, column = (1, 7), (7, 1)
    table.branches((
        chain(f"{name}.branch1", (192,)),
        chain(f"{name}.branch2", (width,), (width, row), (192, column)),
        chain(f"{name}.branch3", (width,), (width, column), (width, row), (width, column), (192, row)),
        chain(f"{name}.branch4", (192,))))


def inception_reduction_b(table, name):
    table.branches((
        chain(f"{name}.branch1", (192,), (320, 3, 2, 0)),
        chain(f"{name}.branch2", (192,), (192, (1, 7)), (192, (7, 1)), (192, 3, 2, 0))), pooled=table.channels)


def split(name, *layers):
    """A branch whose last 3x3 is a 1x3 beside a 3x1 (figure 7)."""
    def add(table):
        for index, layer in enumerate(layers, 1):
            table.conv(f"{name}.conv{index}", *layer)
        table.branches((
            lambda part: part.conv(f"{name}.conv1x3", 384, (1, 3)),
            lambda part: part.conv(f"{name}.conv3x1", 384, (3, 1))))
    return add


def inception_c(table, name):
    table.branches((
        chain(f"{name}.branch1", (320,)),
        split(f"{name}.branch2", (384,)),
        split(f"{name}.branch3", (448,), (384, 3)),
        chain(f"{name}.branch4", (192,))))


def mobilenet_v1():
    """Howard et al., arXiv:1704.04861, table 1."""
    table = Table(224, 3)
    table.conv("init_block.conv", 32, 3, 2)
    for stage, widths in enumerate(((64,), (128, 128), (256, 256), (512,) * 6, (1024, 1024)), 1):
        for unit, width in enumerate(widths, 1):
            name, stride = f"stage{stage}.unit{unit}", 2 if stage > 1 and unit == 1 else 1
            table.conv(f"{name}.dw_conv", table.channels, 3, stride, groups=table.channels)
            table.conv(f"{name}.pw_conv", width)
    table.fully_connected("output", 1000)
    return table


def mobilenet_v2(expand_first):
    """Sandler et al., CVPR 2018, table 2. `expand_first`: the first bottleneck, whose expansion is 1, has its 1x1
    expansion all the same, as in pytorchcv's and HAWQ's mobilenetv2_w1."""
    table = Table(224, 3)
    table.conv("init_block.conv", 32, 3, 2)
    # stages of pytorchcv begin where the size halves: (width, units, stride of the first, expansion)
    stages = (((16, 1, 1, 1),), ((24, 2, 2, 6),), ((32, 3, 2, 6),), ((64, 4, 2, 6), (96, 3, 1, 6)),
              ((160, 3, 2, 6), (320, 1, 1, 6)))
    for stage, sequences in enumerate(stages, 1):
        units = [(width, stride if index == 0 else 1, expansion)
                 for width, count, stride, expansion in sequences for index in range(count)]
        for unit, (width, stride, expansion) in enumerate(units, 1):
            name, middle = f"stage{stage}.unit{unit}", expansion * table.channels
            if expansion > 1 or expand_first:
                table.conv(f"{name}.conv1", middle)
            table.conv(f"{name}.conv2", middle, 3, stride, groups=middle)
            table.conv(f"{name}.conv3", width)
    table.conv("final_block", 1280)
    table.fully_connected("output", 1000)
    return table


def regnetx_600m():
    """Radosavovic et al., CVPR 2020, appendix D: RegNetX-600MF, depths 1 3 5 7, widths 48 96 240 528, groups of 24."""
    table = Table(224, 3)
    table.conv("init_block.conv", 32, 3, 2)
    for stage, (units, width) in enumerate(((1, 48), (3, 96), (5, 240), (7, 528)), 1):
        for unit in range(1, units + 1):
            stride = 2 if unit == 1 else 1
            layers = (width, 1, 1, 1), (width, 3, stride, width // 24), (width, 1, 1, 1)
            residual_unit(table, f"stage{stage}.unit{unit}", layers, stride)
    table.fully_connected("output", 1000)
    return table


def attention(table, name, tokens, width, heads):
    """Scores Q x K^T and their products with V (Vaswani et al., NeurIPS 2017, equation 1): two matrices that are
    both activations, one group a head."""
    table.tokens(f"{name}.scores", tokens, width, heads * tokens, heads, "activations")
    table.tokens(f"{name}.context", tokens, heads * tokens, width, heads, "activations")


def vit_b16():
    """Dosovitskiy et al., ICLR 2021, table 1, ViT-Base, 16x16 patches: 14 x 14 of them and the class token."""
    tokens, width, heads = 14 * 14 + 1, 768, 12
    table = Table(224, 3)
    table.conv("conv_proj", width, 16, 16, pad=0)
    for layer in range(1, 13):
        name = f"encoder{layer}"
        table.tokens(f"{name}.qkv", tokens, width, 3 * width)
        attention(table, name, tokens, width, heads)
        table.tokens(f"{name}.proj", tokens, width, width)
        table.tokens(f"{name}.fc1", tokens, width, 4 * width)
        table.tokens(f"{name}.fc2", tokens, 4 * width, width)
    table.tokens("output", 1, width, 1000)
    return table


def bert_base():
    """Devlin et al., NAACL 2019, section 3, BERT-base, at 128 tokens. Embeddings do not multiply; the pooler reads
    the first token; what comes after it depends on the task."""
    tokens, width, heads = 128, 768, 12
    table = Table(1, width)
    for layer in range(1, 13):
        name = f"encoder{layer}"
        for part in ("query", "key", "value"):
            table.tokens(f"{name}.{part}", tokens, width, width)
        attention(table, name, tokens, width, heads)
        table.tokens(f"{name}.proj", tokens, width, width)
        table.tokens(f"{name}.fc1", tokens, width, 4 * width)
        table.tokens(f"{name}.fc2", tokens, 4 * width, width)
    table.tokens("pooler", 1, width, width)
    return table


NETWORKS = {
    "alexnet": alexnet,
    "vgg16": vgg16,
    "resnet18": lambda: resnet((2, 2, 2, 2), basic),
    "resnet34": lambda: resnet((3, 4, 6, 3), basic),
    "resnet50": lambda: resnet((3, 4, 6, 3), bottleneck),
    "resnet50_v1": lambda: resnet((3, 4, 6, 3), bottleneck_v1),
    "resnet101": lambda: resnet((3, 4, 23, 3), bottleneck),
    "resnet101_v1": lambda: resnet((3, 4, 23, 3), bottleneck_v1),
    "resnet152": lambda: resnet((3, 8, 36, 3), bottleneck),
    "inceptionv3": inception_v3,
    "mobilenetv1": mobilenet_v1,
    "mobilenetv2": lambda: mobilenet_v2(False),
    "mobilenetv2_w1": lambda: mobilenet_v2(True),
    "regnetx_600m": regnetx_600m,
    "vit_b16": vit_b16,
    "bert_base": bert_base,
}

HEADER = ("Layer name", "IFMAP Height", "IFMAP Width", "Filter Height", "Filter Width", "Channels", "Num Filter",
          "Strides", "Groups", "Operands")


def text(table):
    """SCALE-Sim's lines end in a comma. The last two columns are mantis's own."""
    columns = 8
    if any(row[8] != 1 for row in table.rows):
        columns = 9
    if any(row[9] != "weights" for row in table.rows):
        columns = 10
    return "".join(", ".join(map(str, row[:columns])) + ",\n" for row in [HEADER] + table.rows)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, network in NETWORKS.items():
        with open(os.path.join(folder, name + ".csv"), "w", newline="\n") as file:
            file.write(text(network()))


if __name__ == "__main__":
    main()
