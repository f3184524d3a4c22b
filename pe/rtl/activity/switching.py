#!/usr/bin/env python3
"""Switching energy of a synthesised design per clock, from a gate-level waveform.

usage: switching.py LIBERTY NETLIST.v WAVEFORM.vcd CLOCKS

Each change of a net costs half V^2 times the capacitance of the input pins it drives, and the internal energy that the
library's tables give the driving cell's output (at that load and a slew of 0.18 ns) or, for pins of flip-flops, the pin.
Wires have no capacitance, and there are no glitches: the simulation has no delays. Prints pJ per clock.
"""
import re
import sys

SLEW_NS = 0.18


def groups(text):
    """A liberty file as nested (name, argument, attributes, groups)."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S).replace("\\\n", "")
    token = re.compile(r'([\w$]+)\s*\(([^()]*)\)\s*(\{|;)|([\w$]+)\s*:\s*("[^"]*"|[^;]*);|(\})')
    root = ("", "", {}, [])
    stack = [root]
    for match in token.finditer(text):
        name, argument, opener, attribute, value, closer = match.groups()
        if closer:
            stack.pop()
        elif attribute:
            stack[-1][2][attribute] = value.strip('" ')
        elif opener == "{":
            group = (name, argument.strip('" '), {}, [])
            stack[-1][3].append(group)
            stack.append(group)
        else:
            stack[-1][2][name] = argument
    return root[3][0]


def numbers(text):
    return [float(number) for number in re.findall(r"[-+\d.eE]+", text)]


def interpolate(axis, values, at):
    """Linear, and beyond the ends as the last two points go on."""
    i = max(0, min(len(axis) - 2, sum(point <= at for point in axis) - 1))
    share = (at - axis[i]) / (axis[i + 1] - axis[i])
    return values[i] + share * (values[i + 1] - values[i])


def table_energy(table, load):
    first, values = numbers(table[2]["index_1"]), numbers(table[2]["values"])
    if "index_2" not in table[2]:
        return interpolate(first, values, SLEW_NS)
    second = numbers(table[2]["index_2"])
    rows = [values[i * len(second):(i + 1) * len(second)] for i in range(len(first))]
    return interpolate(first, [interpolate(second, row, SLEW_NS) for row in rows], load)


def pin_energy(pin, load):
    """Mean internal energy of one change of the pin, over rise and fall and over related pins."""
    tables = [table for power in pin[3] if power[0] == "internal_power" for table in power[3]]
    return sum(table_energy(table, load) for table in tables) / len(tables) if tables else 0.0


def read_library(path):
    library = groups(open(path).read())
    cells = {cell[1]: {pin[1]: pin for pin in cell[3] if pin[0] == "pin"} for cell in library[3] if cell[0] == "cell"}
    return cells, float(library[2]["nom_voltage"])


def read_netlist(path):
    """Cells as (type, {pin: net}), and nets that are other names of a net."""
    text = open(path).read()
    names = re.compile(r"\\?([^\s,;()]+)\s*(\[\d+\])?")
    def net(text):
        match = names.match(text.strip())
        return match.group(1) + (match.group(2) or "") if match else text.strip()
    cells = []
    for kind, pins in re.findall(r"^  (\w+) \\?\S+ \(\n(.*?)\n  \);", text, flags=re.S | re.M):
        cells.append((kind, {pin: net(wire) for pin, wire in re.findall(r"\.(\w+)\(([^)]*)\)", pins)}))
    aliases = {net(left): net(right) for left, right in re.findall(r"^  assign (.*?) = (.*?);", text, flags=re.M)}
    return cells, aliases


def read_changes(path):
    """Changes of each net between known values, by name; buses bit by bit."""
    nets, value, changes, scope = {}, {}, {}, []
    for line in open(path):
        words = line.split()
        if not words:
            continue
        if words[0] == "$scope":
            scope.append(words[2])
        elif words[0] == "$upscope":
            scope.pop()
        elif words[0] == "$var" and "dut" in scope and len(scope) == scope.index("dut") + 1:
            width, key, name = int(words[2]), words[3], words[4].lstrip("\\")
            low = int(re.search(r":(\d+)\]", words[5]).group(1)) if width > 1 else 0
            index = words[5] if width == 1 and words[5].startswith("[") else ""
            bits = [name + index] if width == 1 else [f"{name}[{low + width - 1 - i}]" for i in range(width)]
            nets.setdefault(key, []).append(bits)
        elif words[0][0] in "01xzb":
            bits, key = (words[0][1:], words[1]) if words[0][0] == "b" else (words[0][0], words[0][1:])
            for names in nets.get(key, []):
                padded = bits.rjust(len(names), "0" if bits[0] in "01" else bits[0])
                for name, new in zip(names, padded):
                    if {value.get(name), new} == {"0", "1"}:
                        changes[name] = changes.get(name, 0) + 1
                    value[name] = new
    return changes


def main():
    cells, volts = read_library(sys.argv[1])
    instances, aliases = read_netlist(sys.argv[2])
    changes, clocks = read_changes(sys.argv[3]), int(sys.argv[4])
    load = {}
    def named(net):
        while net in aliases:
            net = aliases[net]
        return net
    for kind, pins in instances:
        for pin, net in pins.items():
            load[named(net)] = load.get(named(net), 0) + float(cells[kind][pin][2].get("capacitance", 0))
    toggles = {named(net): count for net, count in changes.items()}
    energy = sum(toggles.get(net, 0) * 0.5 * volts ** 2 * capacitance for net, capacitance in load.items())
    for kind, pins in instances:
        for pin, net in pins.items():
            net = named(net)
            energy += toggles.get(net, 0) * pin_energy(cells[kind][pin], load[net])
    print(f"{energy / clocks:.4f}")


main()
