/** What is said of a cut picture: by what cut it, and by what could not. */
import type { Remark } from '../engine.js';
import type { CutScene } from '../editor.js';
import { HostError, type UserError } from '../errors.js';

export type Cut = Omit<CutScene, 'remarks'> & { readonly remarks: readonly Remark[] };

export const asCut = ({ remarks = [], ...scene }: CutScene): Cut => ({
  ...scene,
  remarks: remarks.map((text) => ({ text })),
});

/** The cut with one more remark: what this error means for the picture. */
export const remarked = (cut: Cut, text: string, error: UserError): Cut => ({
  ...cut,
  remarks: [
    ...cut.remarks,
    error instanceof HostError ? { text, fault: error.message } : { text: `${text}: ${error.message}` },
  ],
});
