import type { Work } from '../wire.js';
import { Icon } from './icons.js';
import * as s from './state.js';
import { saying } from './talk.js';

const STAGES: Record<Work['stage'], string> = {
  segment: 'Cutting the picture into items',
  learn: 'Learning the items',
  edit: 'Working on it',
  refine: 'Drawing it finer',
};

/** What runs, how far it is, how long it takes yet, what waits after it, and a way to stop it. */
export function Working() {
  const { work, queue, local, cutting, learningNow, history } = s;
  if (local.value && history.value.length === 0) {
    const { sent } = local.value;
    return <Pill text="Sending the picture" {...(sent < 1 ? { share: sent } : {})} />;
  }
  if (!s.busy.value) return null;
  const edits = queue.value.filter(({ number }) => number > 0);
  const [first, ...more] = edits;
  const now = work.value;
  const text = cutting.value
    ? STAGES.segment
    : learningNow.value
      ? STAGES.learn
      : first
        ? first.say
        : STAGES.edit;
  const waits = learningNow.value ? edits : more;
  return (
    <Pill
      text={text}
      {...(now ? { share: now.share, left: now.left } : {})}
      stops={!cutting.value && !s.readOnly.value}
    >
      {waits.length > 0 && (
        <ol class="waits" aria-label="Waiting">
          {waits.slice(0, 4).map(({ id, say }) => (
            <li key={id}>{say}</li>
          ))}
          {waits.length > 4 && <li>and {waits.length - 4} more</li>}
        </ol>
      )}
      {learningNow.value && edits.length === 0 && <p class="aside">You can already say what to change.</p>}
    </Pill>
  );
}

interface PillProps {
  readonly text: string;
  readonly share?: number;
  readonly left?: number | undefined;
  readonly stops?: boolean;
  readonly children?: preact.ComponentChildren;
}
function Pill({ text, share, left, stops = false, children }: PillProps) {
  return (
    <div class="working" id="progress">
      <div class="now">
        <span id="work-text">{text}</span>
        {share !== undefined && (
          <span class="far">
            {Math.floor(share * 100)} %{left !== undefined && left >= 1 ? `, ${lasts(left)} left` : ''}
          </span>
        )}
        {stops && (
          <button type="button" class="small" onClick={() => saying('cancel')}>
            <Icon name="close" />
            Cancel
          </button>
        )}
      </div>
      <progress aria-labelledby="work-text" max={1} {...(share !== undefined ? { value: share } : {})} />
      {children}
    </div>
  );
}

const lasts = (seconds: number): string =>
  seconds < 90 ? `about ${Math.ceil(seconds)} s` : `about ${Math.round(seconds / 60)} min`;
