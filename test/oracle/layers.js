// Does ONNX Runtime compute the same integers as mantis in every layer of a quantised network?
//   node layers.js MODEL.onnx QUANTISED.npz GOLDEN.npz      (NODE_PATH = folder of node_modules)
//
// MODEL is the float network: its graph says what feeds what, and every convolution's geometry. QUANTISED holds weight levels
// and integer parameters (mantis quantize), GOLDEN the codes that the machine left (mantis golden). Starting from the
// golden input alone, each layer is computed from the outputs found here so far: Conv and Gemm as ConvInteger / MatMulInteger in
// ONNX Runtime; pools, bias, residual and requantisation here, in BigInt. Prints one line per layer and exits with 1 if any element differs.
'use strict';
const { InferenceSession, Tensor } = require('onnxruntime-node');
const { readNpz, readOnnx, oneOperatorModel } = require('./files.js');

const UINT8 = 2, INT8 = 3;

// Levels [C][H][W] of golden codes [image][H][W][C]; table gives the level of each code (absent: 16-bit integers).
function levelsOf(codes, image, table) {
    const [, h, w, c] = codes.dims;
    const levels = new Int32Array(c * h * w);
    const base = image * h * w * c;
    for (let p = 0; p < h * w; p++)
        for (let k = 0; k < c; k++) {
            const code = codes.data[base + p * c + k];
            levels[k * h * w + p] = table ? table.data[code] : (code << 16) >> 16;
        }
    return { dims: [c, h, w], levels };
}

// weights [groups][K][n/groups] with K = (ky, kx, channel), to [N][channel][ky][kx].
function weightsOf({ dims: [groups, depth, width], data }, kernelH, kernelW) {
    const area = kernelH * kernelW, channels = depth / area;
    const out = new Int32Array(data.length);
    for (let g = 0; g < groups; g++)
        for (let k = 0; k < depth; k++)
            for (let j = 0; j < width; j++) {
                const tap = Math.floor(k / channels), channel = k % channels;
                out[((g * width + j) * channels + channel) * area + tap] = data[(g * depth + k) * width + j];
            }
    return { dims: [groups * width, channels, kernelH, kernelW], levels: out };
}

// As an 8-bit ONNX tensor, and its element type.
function eightBit(levels, dims) {
    const signed = levels.some((level) => level < 0);
    const [low, high] = signed ? [-128, 127] : [0, 255];
    if (levels.some((level) => level < low || level > high)) throw new Error('levels do not fit 8 bits');
    const tensor = signed ? new Tensor('int8', Int8Array.from(levels), dims) : new Tensor('uint8', Uint8Array.from(levels), dims);
    return { tensor, type: signed ? INT8 : UINT8 };
}

async function integerOperator(op, x, w, attributes) {
    const inputs = [{ name: 'x', type: x.type, dims: x.tensor.dims }, { name: 'w', type: w.type, dims: w.tensor.dims }];
    const session = await InferenceSession.create(oneOperatorModel(op, inputs, attributes), { intraOpNumThreads: 1 });
    const { y } = await session.run({ x: x.tensor, w: w.tensor });
    return y;
}

async function convolution(node, input, weights) {
    const { kernel_shape: kernel, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1 } = node.attributes;
    const w = weightsOf(weights, kernel[0], kernel[1]);
    const y = await integerOperator('ConvInteger', eightBit(input.levels, [1, ...input.dims]), eightBit(w.levels, w.dims),
        { kernel_shape: kernel, strides, pads, dilations, group });
    return { dims: y.dims.slice(1), sums: y.data };
}

async function product(input, weights) {
    const [, depth, width] = weights.dims;
    if (input.dims[1] * input.dims[2] !== 1) throw new Error('a Gemm on an image is not handled here');
    const y = await integerOperator('MatMulInteger', eightBit(input.levels, [1, depth]), eightBit(weights.data, [depth, width]), {});
    return { dims: [width, 1, 1], sums: y.data };
}

function maximum(node, input) {
    const { kernel_shape: [kernelH, kernelW], strides: [strideY, strideX] = [1, 1], pads = [0, 0, 0, 0] } = node.attributes;
    const [c, h, w] = input.dims, [top, left, bottom, right] = pads;
    const outH = Math.floor((h + top + bottom - kernelH) / strideY) + 1, outW = Math.floor((w + left + right - kernelW) / strideX) + 1;
    const levels = new Int32Array(c * outH * outW).fill(-(2 ** 31));
    for (let k = 0, i = 0; k < c; k++)
        for (let oy = 0; oy < outH; oy++)
            for (let ox = 0; ox < outW; ox++, i++)
                for (let y = oy * strideY - top; y < oy * strideY - top + kernelH; y++)
                    for (let x = ox * strideX - left; x < ox * strideX - left + kernelW; x++)
                        if (y >= 0 && y < h && x >= 0 && x < w) levels[i] = Math.max(levels[i], input.levels[(k * h + y) * w + x]);
    return { dims: [c, outH, outW], levels };
}

function globalSum(input) {
    const [c, h, w] = input.dims;
    const sums = new Int32Array(c);
    for (let k = 0; k < c; k++) for (let p = 0; p < h * w; p++) sums[k] += input.levels[k * h * w + p];
    return { dims: [c, 1, 1], sums };
}

async function sumsOf(node, input, layer) {
    if (node.op === 'Conv') return convolution(node, input, layer.weights);
    return node.op === 'Gemm' ? product(input, layer.weights) : globalSum(input);
}

// Nearest of the sorted levels to halves / 2, ties towards plus infinity.
function nearest(sorted, halves) {
    let best = sorted[0];
    for (const level of sorted)
        if (Math.abs(2 * level - halves) <= Math.abs(2 * best - halves)) best = level;
    return best;
}

function requantise({ dims, sums }, residual, layer) {
    const area = dims[1] * dims[2];
    const [low, high] = layer.clamp.data;
    const levels = new Int32Array(sums.length);
    for (let i = 0; i < sums.length; i++) {
        const [bias, multiplier, residualMultiplier, shift] = layer.params.data.subarray(4 * Math.floor(i / area)).slice(0, 4).map(Number);
        let exact = (BigInt(sums[i]) + BigInt(bias)) * BigInt(multiplier);
        if (residual) exact += BigInt(residual.levels[i]) * BigInt(residualMultiplier);
        const halves = Math.min(Math.max(Number(exact >> BigInt(shift - 1)), 2 * low), 2 * high);
        levels[i] = layer.grid ? nearest(layer.grid, halves) : (halves + 1) >> 1;
    }
    return { dims, levels };
}

// What a layer is called in the npz files: the module, "stage1.0.conv1" for the node "/stage1/stage1.0/conv1/Conv".
// Where nodes have no names, weights do: "layer1.0.conv1.weight". Pools go by operator and position.
function layerName(node, index) {
    if (!node.name) {
        const weights = /^(.+)\.weight$/.exec(node.inputs[1] || '');
        return weights ? weights[1] : `${node.op}_${index}`;
    }
    const parts = node.name.split('/').filter(Boolean);
    if (parts.length > 1 && /Conv|Gemm|Pool$/.test(parts.at(-1))) parts.pop();
    return parts.filter((part, i) => !(parts[i + 1] || '').startsWith(`${part}.`)).join('.');
}

function arraysOf(quantised, name) {
    const table = quantised[`${name}/output_levels`];
    return {
        weights: quantised[`${name}/levels`], params: quantised[`${name}/params`], clamp: quantised[`${name}/clamp`],
        table, grid: table && [...new Set(table.data)].sort((a, b) => a - b),
    };
}

// A layer takes in the Relu or Clip, and one Add, behind it: as far as golden data has no output in between.
function fusedOutput(model, node, golden) {
    let value = node.outputs[0], addend = null;
    for (;;) {
        const users = model.nodes.filter((user) => user.inputs.includes(value));
        const [user] = users;
        if (users.length !== 1 || !['BatchNormalization', 'Relu', 'Clip', 'Add', 'Flatten'].includes(user.op)) return { value, addend };
        if (user.op === 'Add') {
            const other = user.inputs.find((input) => input !== value);
            if (addend !== null || !golden.has(other)) return { value, addend };
            addend = other;
        }
        value = user.outputs[0];
    }
}

function compare(name, found, expected) {
    let differing = 0;
    for (let i = 0; i < found.levels.length; i++) if (found.levels[i] !== expected.levels[i]) differing++;
    if (found.levels.length !== expected.levels.length) differing = -1;
    console.log(`${name}: ${found.levels.length} elements, ${differing} differ`);
    return { elements: found.levels.length, differing };
}

async function main([modelPath, quantisedPath, goldenPath]) {
    const model = readOnnx(modelPath), quantised = readNpz(quantisedPath), golden = readNpz(goldenPath);
    const image = 0;
    const found = new Map([[model.input, levelsOf(golden.input, image, quantised['input/levels'])]]);
    let layers = 0, elements = 0, differing = 0;
    for (const [index, node] of model.nodes.entries()) {
        const name = layerName(node, index), layer = arraysOf(quantised, name);
        if (!golden[`${name}/output`]) continue;
        const input = found.get(node.inputs[0]);
        if (!input) throw new Error(`${name}: its input ${node.inputs[0]} was not computed`);
        const { value, addend } = fusedOutput(model, node, found);
        const output = node.op === 'MaxPool' ? maximum(node, input)
            : requantise(await sumsOf(node, input, layer), addend && found.get(addend), layer);
        found.set(value, output);
        const verdict = compare(name, output, levelsOf(golden[`${name}/output`], image, layer.table));
        layers += 1;
        elements += verdict.elements;
        differing += Math.abs(verdict.differing);
    }
    const expected = Object.keys(golden).filter((name) => name.endsWith('/output')).length;
    console.log(`${layers} of ${expected} layers, ${elements} elements, ${differing} differ from ONNX Runtime`);
    process.exit(differing || layers !== expected || !layers ? 1 : 0);
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
