export { convTranspose2d, conv2d } from './conv.js';
export * from './depthwise.js';
export * from './elementwise.js';
export * from './matmul.js';
export * from './norm.js';
export * from './reduce.js';
export * from './shape.js';
