/** Where graphs run. */
export type Device = 'cpu' | 'webgpu' | 'cuda';
