/** What installs ONNX Runtime's CUDA provider, which is too large for the npm package (docs/gpu.md has CUDA 13's). */
const INSTALL = 'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node';

/**
 * Why CUDA's provider does not load, in words that mend it: the error that is thrown does not say.
 * @param log what ONNX Runtime wrote to stderr
 */
export function cudaMissing(log: string): string | undefined {
  const missing = /with error: (\S+): cannot open shared object file/.exec(log)?.[1];
  if (missing?.includes('onnxruntime_providers')) return `not installed: ${INSTALL}`;
  const version = missing && (/\.so\.(1[23])$/.exec(missing)?.[1] ?? '12 or 13');
  return missing && `${missing} is missing: install CUDA ${version} and cuDNN 9 where the loader looks`;
}
