import { useEffect, useRef } from 'preact/hooks';
import * as s from './state.js';
import { type Frame, framesOf } from './tree.js';

/** The pictures of the thread, and the way from one to the next. */
const STEP = 76;
const LANE = 4;
const LANES = 3;

export function Filmstrip() {
  const strip = useRef<HTMLOListElement>(null);
  const frames = framesOf(s.history.value);
  const current = s.subject.value?.id;
  useEffect(() => {
    strip.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current, frames.length]);
  if (frames.length === 0) return <div class="film" />;
  return (
    <nav class="film" aria-label="History" id="history">
      <div class="reel" style={{ width: `${frames.length * STEP}px` }}>
        <ol ref={strip}>
          {frames.map((frame) => (
            <FrameButton key={frame.revision.id} frame={frame} current={frame.revision.id === current} />
          ))}
        </ol>
        {frames.length > 1 ? (
          <svg class="ways" aria-hidden="true" width={frames.length * STEP} height={LANES * LANE + 4}>
            {frames.map(({ revision, column, lane, parent }) => (
              <>
                {parent && (
                  <path
                    key={`w${revision.id}`}
                    class={`way l${lane % 4}`}
                    d={way(parent, { column, lane })}
                  />
                )}
                <circle
                  key={revision.id}
                  class={revision.id === current ? 'here' : `l${lane % 4}`}
                  {...at({ column, lane })}
                  r="3"
                />
              </>
            ))}
          </svg>
        ) : null}
      </div>
    </nav>
  );
}

interface Spot {
  readonly column: number;
  readonly lane: number;
}
const at = ({ column, lane }: Spot) => ({
  cx: column * STEP + STEP / 2,
  cy: 4 + Math.min(lane, LANES) * LANE,
});

function way(from: Spot, to: Spot): string {
  const [a, b] = [at(from), at(to)];
  return `M${a.cx} ${a.cy}C${a.cx + 24} ${a.cy} ${Math.max(a.cx + 12, b.cx - 40)} ${b.cy} ${b.cx} ${b.cy}`;
}

function FrameButton({ frame: { revision, parent }, current }: { frame: Frame; current: boolean }) {
  const { id, number, say, status } = revision;
  const words = number === 0 ? 'start, the picture as it came' : say;
  const branches = parent && s.history.value.find((one) => one.id === revision.parent);
  const label =
    `${number}: ${words}` + (branches && branches.number !== number - 1 ? `, from ${branches.number}` : '');
  const choose = (): void => {
    s.chosen.value = id === s.standing.value?.id ? undefined : id;
    s.selected.value = [];
  };
  return (
    <li>
      <button
        type="button"
        class={`frame ${status.toLowerCase()}`}
        title={label}
        aria-label={label}
        disabled={status !== 'DONE'}
        {...(current ? { 'aria-current': true } : {})}
        onClick={choose}
      >
        {status === 'DONE' && <img src={s.address(id, 'thumb')} alt="" loading="lazy" draggable={false} />}
        <span>{number === 0 ? 'start' : say}</span>
      </button>
    </li>
  );
}
