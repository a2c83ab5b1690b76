import { type EditCallbacks, encodePng } from '../editor.js';
import type { EngineCall, EngineProgress } from '../engine.js';

/** What the editor tells of its steps, as the host hears it. */
export function stepping(
  stage: EngineProgress['stage'],
  signal: AbortSignal | undefined,
  onProgress: EngineCall['onProgress'],
): EditCallbacks {
  let [step, of] = [0, 1];
  return {
    signal,
    onStep: (done, steps) => {
      [step, of] = [done, steps];
      onProgress?.({ stage, step, of });
    },
    ...(onProgress
      ? {
          // one that cannot be shown does not end the drawing, nor the process
          onPreview: (picture) =>
            void encodePng(picture)
              .then((preview) => onProgress({ stage, step, of, preview }))
              .catch(() => {}),
        }
      : {}),
  };
}
