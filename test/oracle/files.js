// Reading ONNX models and npz files, and building one-operator ONNX models, without any code of mantis.
'use strict';
const AdmZip = require('adm-zip');
const fs = require('fs');
const path = require('path');
const protobuf = require('protobufjs');

const PROTO_HOMES = ['/usr/include/onnx', '/usr/local/include/onnx'];
const proto = PROTO_HOMES.map((home) => path.join(home, 'onnx.proto')).find((file) => fs.existsSync(file));
const ModelProto = protobuf.loadSync(proto).lookupType('onnx.ModelProto');

const TYPES = {
    '|u1': Uint8Array, '|i1': Int8Array, '<u2': Uint16Array, '<i2': Int16Array,
    '<i4': Int32Array, '<f4': Float32Array, '<f8': Float64Array,
};

// One .npy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
function parseNpy(bytes) {
    const long = bytes[6] >= 2;
    const length = long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
    const start = (long ? 12 : 10) + length;
    const header = bytes.toString('latin1', long ? 12 : 10, start);
    const type = TYPES[/'descr': *'([^']+)'/.exec(header)[1]];
    const dims = /'shape': *\(([^)]*)\)/.exec(header)[1].split(',').map((s) => s.trim()).filter(Boolean).map(Number);
    const copy = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
    return { dims, data: new type(copy) };
}

// All arrays of an npz, by name.
exports.readNpz = (file) => {
    const arrays = {};
    for (const entry of new AdmZip(file).getEntries()) arrays[entry.entryName.replace(/\.npy$/, '')] = parseNpy(entry.getData());
    return arrays;
};

// Nodes of a model in order, attributes as plain numbers or arrays; initializers as {dims}.
exports.readOnnx = (file) => {
    const { graph } = ModelProto.decode(fs.readFileSync(file));
    const nodes = graph.node.map((node) => ({
        op: node.opType, name: node.name, inputs: node.input, outputs: node.output,
        attributes: Object.fromEntries(node.attribute.map((a) => [a.name, a.ints.length ? a.ints.map(Number) : Number(a.i)])),
    }));
    const initializers = Object.fromEntries(graph.initializer.map((t) => [t.name, { dims: t.dims.map(Number) }]));
    return { nodes, initializers, input: graph.input[0].name, output: graph.output[0].name };
};

// A model of one operator: inputs [{name, type, dims}], attributes {name: int or ints}, one int32 output "y".
exports.oneOperatorModel = (op, inputs, attributes) => {
    const attribute = Object.entries(attributes).map(([name, value]) =>
        Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 2, i: value });
    const valueInfo = (name, elemType, dims) => ({
        name, type: { tensorType: { elemType, shape: dims ? { dim: dims.map((dimValue) => ({ dimValue })) } : undefined } },
    });
    const INT32 = 6;
    return ModelProto.encode({
        irVersion: 7,
        opsetImport: [{ domain: '', version: 13 }],
        graph: {
            name: op,
            node: [{ opType: op, input: inputs.map((i) => i.name), output: ['y'], attribute }],
            input: inputs.map((i) => valueInfo(i.name, i.type, i.dims)),
            output: [valueInfo('y', INT32)],
        },
    }).finish();
};
