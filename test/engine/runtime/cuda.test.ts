import { expect, it } from 'vitest';
import { cudaMissing } from '../../../src/engine/runtime/cuda.js';

/** As ONNX Runtime 1.30 writes it, without its provider and, with PyPI's, without CUDA's libraries. */
const said = (missing: string): string =>
  `[E:onnxruntime:onnxruntime-node, provider_bridge_ort.cc:2146 Create] [ONNXRuntimeError] : 1 : FAIL : Failed to load library /d/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so with error: ${missing}: cannot open shared object file: No such file or directory`;

it('says what CUDA lacks and what installs it', () => {
  const provider = '/d/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so';
  expect(cudaMissing(said(provider))).toBe(
    'not installed: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node',
  );
  expect(cudaMissing(said('libcublasLt.so.13'))).toMatch(/^libcublasLt\.so\.13 is missing: install CUDA 13 /);
  expect(cudaMissing(said('libcublasLt.so.12'))).toMatch(/install CUDA 12 /);
  expect(cudaMissing('CUDA failure 100: no CUDA-capable device is detected')).toBeUndefined();
});
