import { signal } from '@preact/signals';
import * as s from './state.js';

/** Threads whose items were looked over, in this tab. */
const answered = signal<ReadonlySet<string>>(new Set());

/** Before anything is changed: are these the right things? Whoever just speaks is never held up. */
export function Question() {
  const { place, history, selected } = s;
  const at = place.value;
  if (at.kind !== 'thread' || at.readOnly || answered.value.has(at.thread)) return null;
  if (history.value[0]?.status !== 'DONE' || s.outlining.value || selected.value.length > 0) return null;
  const changed = history.value.some(
    ({ kind }) => kind && kind !== 'merge' && kind !== 'split' && kind !== 'reshape',
  );
  if (changed) return null;
  return (
    <div class="question" role="group" aria-labelledby="question">
      <p id="question">
        <b>Are these the things you want to change?</b> Point at one to merge, split, rename or draw it.
      </p>
      <button
        type="button"
        class="small main"
        onClick={() => (answered.value = new Set([...answered.value, at.thread]))}
      >
        Yes, go
      </button>
    </div>
  );
}
