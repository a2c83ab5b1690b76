import { Icon } from './icons.js';
import { beginPicking } from './keys.js';
import * as s from './state.js';
import { saying } from './talk.js';

/** Before anything is learned: are these the right things? Whoever just changes something is never held up. */
export function Question() {
  const busy = s.outlining.value || s.picking.value || s.selected.value.length > 0 || s.peeked.value;
  if (!s.asks.value || busy) return null;
  return (
    <div class="question" role="group" aria-labelledby="question">
      <p id="question">
        <b>Are these the things you want to change?</b>
        <span class="mouse">
          Click one to rename, split or outline it; several, with Shift, to merge them.
        </span>
        <span class="touch">
          Tap one to rename, split or outline it; for several, tap More, then Select one more.
        </span>
      </p>
      <p class="row">
        {s.can('pick') && (
          <button type="button" class="small" onClick={beginPicking}>
            <Icon name="pick" />
            Add another
          </button>
        )}
        <button
          type="button"
          class="small main"
          onClick={() => {
            s.asks.value = false;
            saying('go');
          }}
        >
          <Icon name="check" />
          Yes, go
        </button>
      </p>
    </div>
  );
}
