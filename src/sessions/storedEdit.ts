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
/** An edit whose masks are this. */
type EditWith<M> =
  | Exclude<Edit, { kind: 'reshape' | 'mark' | 'together' | 'onFound' }>
  | (Omit<Edit & { kind: 'reshape' }, 'mask'> & { readonly mask: M })
  | (Omit<Edit & { kind: 'mark' }, 'what'> & {
      readonly what: { readonly kind: 'mask'; readonly mask: M } | Exclude<Mark['what'], { kind: 'mask' }>;
    })
  | (Omit<Edit & { kind: 'together' }, 'edits'> & { readonly edits: readonly EditWith<M>[] })
  | (Omit<Edit & { kind: 'onFound' }, 'then'> & { readonly then?: EditWith<M> });
type Mark = Edit & { kind: 'mark' };

export async function packEdit(
  blobs: Blobs,
  session: { readonly id: string },
  edit: Edit,
): Promise<EditWith<StoredMask>> {
  return await withMasks(edit as EditWith<Mask>, async ({ width, height, data }) => {
    const key = await blobs.put(session.id, 'mask.zz', deflateSync(data));
    return { width, height, key };
  });
}

/** The edit of a revision as the engine takes it. */
export async function editOf(blobs: Blobs, revision: Pick<Revision, 'edit'>): Promise<Edit> {
  const stored = revision.edit as unknown as EditWith<StoredMask>;
  const edit = await withMasks(stored, async ({ width, height, key }): Promise<Mask> => {
    return { width, height, data: inflateSync(await blobs.get(key)) };
  });
  return edit as Edit;
}

/** The same edit with each of its masks made into something else. */
async function withMasks<A, B>(edit: EditWith<A>, made: (mask: A) => Promise<B>): Promise<EditWith<B>> {
  switch (edit.kind) {
    case 'reshape':
      return { ...edit, mask: await made(edit.mask) };
    case 'mark': {
      const { what } = edit;
      return { ...edit, what: what.kind === 'mask' ? { ...what, mask: await made(what.mask) } : what };
    }
    case 'together':
      return { ...edit, edits: await Promise.all(edit.edits.map((one) => withMasks(one, made))) };
    case 'onFound': {
      const { then, ...found } = edit;
      return { ...found, ...(then ? { then: await withMasks(then, made) } : {}) };
    }
    default:
      return edit;
  }
}
