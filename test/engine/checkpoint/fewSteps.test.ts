import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fewSteps } from '../../../src/engine/checkpoint/fewSteps.js';
import { openSingleFile } from '../../../src/engine/checkpoint/singleFile/open.js';
import { Editor } from '../../../src/engine/editor.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

describe('names that say how a checkpoint was distilled', () => {
  it.each([
    ['LCM_Dreamshaper_v7', 'called', 'lcm', 4, 1],
    ['stabilityai--sdxl-turbo', 'called', 'euler', 4, 1],
    ['dreamshaperXL_v21TurboDPMSDE.safetensors', 'called', 'euler', 4, 1],
    ['juggernautXL_v9Rdphoto2Lightning', 'called', 'euler', 4, 1],
    ['sdxl_lightning_8step.safetensors', 'called', 'euler', 8, 1],
    ['lcm-lora-sdv1-5', 'lora', 'lcm', 4, 1],
    ['sdxl_lightning_2step_lora.safetensors', 'lora', 'euler', 2, 1],
    ['Hyper-SD15-8steps-lora.safetensors', 'lora', 'ddim', 8, 1],
    ['Hyper-SD15-1step-lora.safetensors', 'lora', 'tcd', 1, 1],
    ['TCD-SDXL-LoRA', 'lora', 'tcd', 4, 1],
    ['Hyper-SDXL-12steps-CFG-lora.safetensors', 'lora', 'ddim', 12, 5],
  ] as const)('%s', (name, what, sampler, steps, guidance) => {
    const found = fewSteps([name], what);
    expect(found).toMatchObject({ sampler, steps, guidance });
    expect(found?.timestep_spacing).toBe(['lcm', 'tcd'].includes(sampler) ? undefined : 'trailing');
  });

  it.each([
    ['stable-diffusion-v1-5', 'called'],
    ['hyperrealism_v3', 'called'],
    ['calcmodel', 'called'],
    ['lightning-bolts.safetensors', 'lora'],
    ['turbo_engine.safetensors', 'lora'],
  ] as const)('%s says nothing', (name, what) => expect(fewSteps([name], what)).toBeUndefined());
});

describe('a checkpoint is sampled as it was made', () => {
  const cacheDir = temporaryFolder();
  /** tiny-sd under another name. */
  const called = (name: string): string => {
    const folder = join(temporaryFolder(), name);
    cpSync(join(FIXTURES, 'tiny-sd'), folder, { recursive: true });
    return folder;
  };
  const lora = (name: string): string => {
    const file = join(temporaryFolder(), name, 'pytorch_lora_weights.safetensors');
    cpSync(join(FIXTURES, 'lora', 'peft.safetensors'), file);
    return file;
  };
  const sampled = (path: string, loras: string[] = []) => {
    const editor = Editor.open(path, { cacheDir, loras: loras.map((file) => ({ file, weight: 1 })) });
    const { sampler, steps, guidance } = editor.editDefaults({ width: 512, height: 512 });
    const { scheduler } = editor.pipeline.checkpoint;
    const spacing = scheduler.noise === 'discrete' ? scheduler.timestep_spacing : undefined;
    return { sampler, steps, guidance, spacing };
  };
  const plain = { sampler: 'euler', steps: 20, guidance: 3, spacing: 'leading' };
  const lcm = { sampler: 'lcm', steps: 4, guidance: 1, spacing: 'leading' };

  it('by its own name, and by the name it was converted from', () => {
    expect(sampled(join(FIXTURES, 'tiny-sd'))).toEqual(plain);
    const turbo = { ...plain, steps: 4, guidance: 1, spacing: 'trailing' };
    expect(sampled(called('sd-turbo'))).toEqual(turbo);
    const folder = called('mine');
    const index = join(folder, 'model_index.json');
    const json = JSON.parse(readFileSync(index, 'utf8')) as object;
    writeFileSync(index, JSON.stringify({ ...json, _name_or_path: 'stabilityai/sd-turbo' }));
    expect(sampled(folder)).toEqual(turbo);
  });

  it('by a LoRA, whose folder is called what its file is not; the makers of the checkpoint come second', () => {
    const folder = called('mine');
    expect(sampled(folder, [lora('lcm-lora-sdv1-5')])).toEqual(lcm);
    writeFileSync(join(folder, 'dedit.json'), JSON.stringify({ steps: 30, guidance: 7 }));
    expect(sampled(folder)).toMatchObject({ steps: 30, guidance: 7 });
    expect(sampled(folder, [lora('lcm-lora-sdv1-5'), lora('style')])).toEqual(lcm);
  });

  it('dedit.json has the last word about a name, also beside a file', () => {
    const folder = called('sd-turbo');
    const said = { sampler: 'dpm++', steps: 8, guidance: 2, timestep_spacing: 'linspace' };
    writeFileSync(join(folder, 'dedit.json'), JSON.stringify(said));
    expect(sampled(folder)).toEqual({ sampler: 'dpm++', steps: 8, guidance: 2, spacing: 'linspace' });
    const file = join(temporaryFolder(), 'my_turbo.safetensors');
    cpSync(join(FIXTURES, 'single-file', 'tiny.safetensors'), file);
    writeFileSync(file.replace('.safetensors', '.dedit.json'), JSON.stringify({ steps: 6 }));
    const tokenizer = join(FIXTURES, 'tiny-sd', 'tokenizer');
    const { names, recommended } = openSingleFile(file, { cacheDir, tokenizer });
    expect(fewSteps(names, 'called')?.sampler).toBe('euler');
    expect(recommended).toEqual({ steps: 6 });
  });

  it('a UNet that hears guidance hears what it was taught', () => {
    const folder = called('guided');
    cpSync(join(FIXTURES, 'unet-variants', 'guided'), join(folder, 'unet'), { recursive: true });
    expect(sampled(folder)).toMatchObject({ sampler: 'lcm', steps: 4, guidance: 8.5 });
  });

  it.each([
    ['EDMDPMSolverMultistepScheduler', { sampler: 'dpm++', steps: 20, guidance: 3 }],
    ['TCDScheduler', { sampler: 'tcd', steps: 4, guidance: 1 }],
  ])('%s by its own solver', (_class_name, settings) => {
    const folder = called('mine');
    writeFileSync(join(folder, 'scheduler', 'scheduler_config.json'), JSON.stringify({ _class_name }));
    expect(sampled(folder)).toMatchObject(settings);
  });
});
