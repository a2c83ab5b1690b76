import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** RTLD_LAZY | RTLD_NODELETE of dlfcn.h; Node names only the first. */
const KEEP = 0x1 | 0x1000;

/** The description of a Vulkan driver that computes on the CPU; Debian's chromium brings one. */
export const SWIFTSHADER = process.env.SWIFTSHADER_ICD ?? '/usr/lib/chromium/vk_swiftshader_icd.json';
export const hasSwiftshader = existsSync(SWIFTSHADER);

/** What a process needs in its environment to compute with it; the Vulkan loader lies beside the driver. */
const swiftshaderEnv: Readonly<Record<string, string>> = {
  VK_ICD_FILENAMES: SWIFTSHADER,
  LD_LIBRARY_PATH: dirname(SWIFTSHADER),
};

/**
 * The same for this process and those it starts. LD_LIBRARY_PATH is read once, when a process starts, so the loader
 * itself is put into this one: Node complains that it is no addon and lets go of it, but it stays, and is found by its
 * name afterwards.
 */
export function useSwiftshader(): void {
  Object.assign(process.env, swiftshaderEnv);
  const loader = join(dirname(SWIFTSHADER), 'libvulkan.so.1');
  if (!existsSync(loader)) return; // then it is the system's
  try {
    process.dlopen({ exports: {} }, loader, KEEP);
  } catch {
    // "Module did not self-register"
  }
}
