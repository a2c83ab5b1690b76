import { deflateSync, inflateSync } from 'node:zlib';
import type { Edit, PictureEdit } from '../engine/edits/index.js';
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
  | Exclude<Edit, { kind: 'reshape' | 'mark' | 'together' | 'onFound' }>
  | (Omit<Edit & { kind: 'reshape' }, 'mask'> & { readonly mask: StoredMask })
  | (Omit<Edit & { kind: 'mark' }, 'what'> & {
      readonly what:
        { readonly kind: 'mask'; readonly mask: StoredMask } | Exclude<Mark['what'], { kind: 'mask' }>;
    })
  | (Omit<Edit & { kind: 'together' }, 'edits'> & { readonly edits: readonly StoredEdit[] })
  | (Omit<Edit & { kind: 'onFound' }, 'then'> & { readonly then?: StoredEdit });
type Mark = Edit & { kind: 'mark' };

export async function packEdit(
  blobs: Blobs,
  session: { readonly id: string },
  edit: Edit,
): Promise<StoredEdit> {
  const packed = async ({ width, height, data }: Mask): Promise<StoredMask> => {
    const key = await blobs.put(session.id, 'mask.zz', deflateSync(data));
    return { width, height, key };
  };
  const within = async (one: Edit): Promise<StoredEdit> => await packEdit(blobs, session, one);
  switch (edit.kind) {
    case 'reshape':
      return { ...edit, mask: await packed(edit.mask) };
    case 'mark': {
      const { what } = edit;
      return { ...edit, what: what.kind === 'mask' ? { ...what, mask: await packed(what.mask) } : what };
    }
    case 'together':
      return { ...edit, edits: await Promise.all(edit.edits.map(within)) };
    case 'onFound': {
      const { then, ...found } = edit;
      return { ...found, ...(then ? { then: await within(then) } : {}) };
    }
    default:
      return edit;
  }
}

/** The edit of a revision as the engine takes it. */
export const editOf = async (blobs: Blobs, revision: Pick<Revision, 'edit'>): Promise<Edit> =>
  await unpackEdit(blobs, revision.edit as unknown as StoredEdit);

async function unpackEdit(blobs: Blobs, edit: StoredEdit): Promise<Edit> {
  const unpacked = async ({ width, height, key }: StoredMask): Promise<Mask> => ({
    ...{ width, height },
    data: inflateSync(await blobs.get(key)),
  });
  const within = async <E extends Edit>(one: StoredEdit): Promise<E> => (await unpackEdit(blobs, one)) as E;
  switch (edit.kind) {
    case 'reshape':
      return { ...edit, mask: await unpacked(edit.mask) };
    case 'mark': {
      const { what } = edit;
      return { ...edit, what: what.kind === 'mask' ? { ...what, mask: await unpacked(what.mask) } : what };
    }
    case 'together':
      return { ...edit, edits: await Promise.all(edit.edits.map((one) => within<never>(one))) };
    case 'onFound': {
      const { then, ...found } = edit;
      return { ...found, ...(then ? { then: await within<PictureEdit>(then) } : {}) };
    }
    default:
      return edit;
  }
}
