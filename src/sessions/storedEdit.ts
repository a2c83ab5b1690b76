import { deflateSync, inflateSync } from 'node:zlib';
import type { Edit } from '../engine/edits/index.js';
import type { Mask } from '../engine/raster.js';
import type { Blobs } from './blobs.js';
import type { Revision } from './prisma/client.js';

/** An edit as a row holds it: a mask is as large as its picture, so it lies among the blobs and the row names it. */
interface StoredMask {
  readonly width: number;
  readonly height: number;
  readonly key: string;
}
type StoredEdit =
  | Exclude<Edit, { kind: 'reshape' | 'mark' }>
  | (Omit<Edit & { kind: 'reshape' }, 'mask'> & { readonly mask: StoredMask })
  | (Omit<Edit & { kind: 'mark' }, 'what'> & {
      readonly what:
        { readonly kind: 'mask'; readonly mask: StoredMask } | Exclude<Mark['what'], { kind: 'mask' }>;
    });
type Mark = Edit & { kind: 'mark' };

export async function packEdit(
  blobs: Blobs,
  { id }: { readonly id: string },
  edit: Edit,
): Promise<StoredEdit> {
  const packed = async ({ width, height, data }: Mask): Promise<StoredMask> => {
    const key = await blobs.put(id, 'mask.zz', deflateSync(data));
    return { width, height, key };
  };
  if (edit.kind === 'reshape') return { ...edit, mask: await packed(edit.mask) };
  if (edit.kind !== 'mark') return edit;
  const { what } = edit;
  return { ...edit, what: what.kind === 'mask' ? { ...what, mask: await packed(what.mask) } : what };
}

/** The edit of a revision as the engine takes it. */
export async function editOf(blobs: Blobs, revision: Pick<Revision, 'edit'>): Promise<Edit> {
  const edit = revision.edit as unknown as StoredEdit;
  const unpacked = async ({ width, height, key }: StoredMask): Promise<Mask> => ({
    ...{ width, height },
    data: inflateSync(await blobs.get(key)),
  });
  if (edit.kind === 'reshape') return { ...edit, mask: await unpacked(edit.mask) };
  if (edit.kind !== 'mark') return edit;
  const { what } = edit;
  return { ...edit, what: what.kind === 'mask' ? { ...what, mask: await unpacked(what.mask) } : what };
}
