'use strict';
/* global exports */
// onnxruntime-node's install script downloads CUDA libraries unless it is told not to, and fails without a network;
// npm knows no setting of ours that would tell it. The script's first step is global-agent's bootstrap, which nothing
// else calls: this one says "skip" where nobody asked for more. CPU and WebGPU come in the package.
// For CUDA: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node
exports.bootstrap = () => {
  process.env.ONNXRUNTIME_NODE_INSTALL ||= 'skip';
};
