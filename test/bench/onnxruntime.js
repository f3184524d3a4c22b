// Images per second of ONNX Runtime in float32 on one thread: the yardstick of ./run bench.
//   node onnxruntime.js MODEL.onnx CHANNELS HEIGHT WIDTH SECONDS     (NODE_PATH = folder of node_modules)
'use strict';
const { InferenceSession, Tensor } = require('onnxruntime-node');

async function main([model, channels, height, width, seconds]) {
    const shape = [1, channels, height, width].map(Number);
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' };
    const session = await InferenceSession.create(model, options);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
    const feeds = { [session.inputNames[0]]: new Tensor('float32', data, shape) };
    for (let i = 0; i < 3; i++) await session.run(feeds);
    let runs = 0;
    const start = process.hrtime.bigint();
    let elapsed = 0;
    while (elapsed < Number(seconds)) {
        await session.run(feeds);
        runs += 1;
        elapsed = Number(process.hrtime.bigint() - start) * 1e-9;
    }
    console.log((runs / elapsed).toFixed(2));
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
