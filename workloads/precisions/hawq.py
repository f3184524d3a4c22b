#!/usr/bin/env python3
"""Writes hawq.csv, the widths of HAWQ-V3's published schemes, from its configuration as a table.

    workloads/precisions/hawq.py BIT_CONFIG.csv [hawq.csv]

BIT_CONFIG.csv has the columns network,scheme,module,kind,bits: the dictionaries of HAWQ-V3's bit_config.py, one entry a
row. Their modules are the quantised layers of pytorchcv's models: a `weight` module is a layer, an `activation` module
quantises what one or several layers read. This script says which: what feeds a layer is its activation_bits.
"""
import csv
import os
import re
import sys

HEADER = """\
# Widths of every layer in the published schemes of HAWQ-V3: weights, and the activations that the layer reads.
# Yao et al., "HAWQ-V3: Dyadic Neural Network Quantization", ICML 2021; github.com/Zhen-Dong/HAWQ, bit_config.py.
# Written by hawq.py. HAWQ's resnet50 and resnet101 have their strides in the first 1x1 convolution: resnet50_v1,
# resnet101_v1; its resnet50b is resnet50.
network,scheme,layer,weight_bits,activation_bits
"""

# HAWQ's network -> the layer table in workloads/topologies
NETWORKS = {
    "resnet18": "resnet18", "resnet50": "resnet50_v1", "resnet50b": "resnet50", "resnet101": "resnet101_v1",
    "inceptionv3": "inceptionv3", "mobilenetv2_w1": "mobilenetv2_w1",
}

# Pattern of a weight module -> our layer, the activation module that feeds it. {n-1} is the number before.
RULES = [(re.compile(pattern + "$"), layer, activation) for pattern, layer, activation in (
    # ResNets: q_resnet.py
    (r"quant_init(?:_block)?_convbn", r"init_block.conv", r"quant_input"),
    (r"(stage\d+\.unit\d+)\.quant_convbn1", r"\1.conv1", r"\1.quant_act"),
    (r"(stage\d+\.unit\d+)\.quant_convbn(\d)", r"\1.conv\2", r"\1.quant_act{n-1}"),
    (r"(stage\d+\.unit\d+)\.quant_identity_convbn", r"\1.identity", r"\1.quant_act"),
    (r"quant_output", r"output", r"quant_act_output"),
    # MobileNetV2: q_mobilenetv2.py
    (r"init_block", r"init_block.conv", r"quant_input"),
    (r"features\.(stage\d+\.unit\d+)\.conv1", r"\1.conv1", r"features.\1.quant_act"),
    (r"features\.(stage\d+\.unit\d+)\.conv(\d)", r"\1.conv\2", r"features.\1.quant_act{n-1}"),
    (r"features\.final_block", r"final_block", r"quant_act_before_final_block"),
    (r"output", r"output", r"quant_act_output"),
    # InceptionV3: q_inceptionv3.py; pools stand before the convolution of the last branch
    (r"features\.q_init_block\.q_conv1\.q_convbn", r"init_block.conv1", r"features.q_init_block.q_input_activ"),
    (r"features\.q_init_block\.q_conv(\d)\.q_convbn", r"init_block.conv\1",
     r"features.q_init_block.q_conv{n-1}.q_activ"),
    (r"features\.(.*)\.branches\.branch4\.q_conv\.q_convbn", r"\1.branch4.conv1",
     r"features.\1.branches.branch4.q_pool_act"),
    (r"features\.(.*)\.branches\.(branch\d)\.q_conv\.q_convbn", r"\1.\2.conv1",
     r"features.\1.branches.\2.q_input_act"),
    (r"features\.(.*)\.branches\.(branch\d)\.q_conv_list\.q_conv1\.q_convbn", r"\1.\2.conv1",
     r"features.\1.branches.\2.q_input_act"),
    (r"features\.(.*)\.branches\.(branch\d)\.q_conv_list\.q_conv(\d)\.q_convbn", r"\1.\2.conv\3",
     r"features.\1.branches.\2.q_conv_list.q_conv{n-1}.q_activ"),
    (r"features\.(.*)\.branches\.(branch2)\.q_conv(1x3|3x1)\.q_convbn", r"\1.\2.conv\3",
     r"features.\1.branches.\2.q_conv_list.q_conv1.q_activ"),
    (r"features\.(.*)\.branches\.(branch3)\.q_conv(1x3|3x1)\.q_convbn", r"\1.\2.conv\3",
     r"features.\1.branches.\2.q_conv_list.q_conv2.q_activ"),
    (r"output\.q_fc", r"output", r"features.q_concat_activ"),
)]

# One layer with its convolution and normalisation listed again.
REPEATED = re.compile(r"features\.stage4\.unit5\.conv1\.(conv|bn)$")


def place(module):
    """The layer of a weight module and the activation module that feeds it."""
    for pattern, layer, activation in RULES:
        match = pattern.match(module)
        if match:
            before = str(int(match.groups()[-1]) - 1) if "{n-1}" in activation else ""
            return match.expand(layer), match.expand(activation.replace("{n-1}", before))
    sys.exit(f"hawq.py: module {module} is not known")


def read_schemes(path):
    """(network, scheme) -> its modules in order, (kind, bits) each."""
    schemes = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            schemes.setdefault((row["network"], row["scheme"]), {})[row["module"]] = row["kind"], row["bits"]
    return schemes


def layer_order(network):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "topologies")
    with open(os.path.join(folder, network + ".csv")) as file:
        return [line.split(",")[0] for line in file][1:]


def scheme_rows(network, scheme, modules):
    order = layer_order(NETWORKS[network])
    bits = {}
    for module, (kind, weight_bits) in modules.items():
        if kind == "weight" and not REPEATED.match(module):
            layer, activation = place(module)
            bits[layer] = weight_bits, modules[activation][1]
    if set(bits) != set(order):
        sys.exit(f"hawq.py: {network}, {scheme}: {sorted(set(bits) ^ set(order))} on one side only")
    return [",".join((NETWORKS[network], scheme, layer, *bits[layer])) + "\n" for layer in order]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    target = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "hawq.csv")
    with open(target, "w", newline="\n") as file:
        file.write(HEADER)
        for (network, scheme), modules in read_schemes(sys.argv[1]).items():
            file.writelines(scheme_rows(network, scheme, modules))


if __name__ == "__main__":
    main()
