import { deflateSync, inflateSync } from 'node:zlib';
import type { Edit } from '../engine/edits/index.js';
import type { Blobs } from './blobs.js';
import type { Revision } from './prisma/client.js';

/** An edit as a row holds it: a mask is as large as its picture, so it lies among the blobs and the row names it. */
type StoredEdit =
  | Exclude<Edit, { kind: 'reshape' }>
  | (Omit<Edit & { kind: 'reshape' }, 'mask'> & {
      readonly mask: { readonly width: number; readonly height: number; readonly key: string };
    });

export async function packEdit(
  blobs: Blobs,
  { id }: { readonly id: string },
  edit: Edit,
): Promise<StoredEdit> {
  if (edit.kind !== 'reshape') return edit;
  const { width, height, data } = edit.mask;
  const key = await blobs.put(id, 'mask.zz', deflateSync(data));
  return { ...edit, mask: { width, height, key } };
}

/** The edit of a revision as the engine takes it. */
export async function editOf(blobs: Blobs, revision: Pick<Revision, 'edit'>): Promise<Edit> {
  const edit = revision.edit as unknown as StoredEdit;
  if (edit.kind !== 'reshape') return edit;
  const { width, height, key } = edit.mask;
  return { ...edit, mask: { width, height, data: inflateSync(await blobs.get(key)) } };
}
