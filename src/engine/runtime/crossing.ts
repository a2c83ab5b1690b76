/** Bytes that runs of this process took over to GPUs and back so far; what computes on the CPU crosses nothing. */
export const crossed = { toDevice: 0, toHost: 0 };
