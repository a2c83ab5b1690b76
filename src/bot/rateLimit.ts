import { Recent } from './recent.js';

interface Bucket {
  tokens: number;
  at: number;
  /** Whether the one whose bucket it is was let through since it was last told to wait. */
  warned: boolean;
}

/** More people than this at once, and those who have been quiet longest are forgotten. */
const MOST = 10_000;

/** Token buckets: so many at once, so many a minute after that. */
export class RateLimit {
  readonly #buckets = new Recent<Bucket>(MOST);

  constructor(
    private readonly burst: number,
    private readonly perMinute: number,
    /** In ms; not the wall clock, which people and time servers set. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  take(who: string): boolean {
    const now = this.now();
    const bucket = this.#buckets.get(who) ?? { tokens: this.burst, at: now, warned: false };
    bucket.tokens = Math.min(this.burst, bucket.tokens + ((now - bucket.at) / 60_000) * this.perMinute);
    bucket.at = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) {
      bucket.tokens -= 1;
      bucket.warned = false;
    }
    this.#buckets.set(who, bucket);
    return allowed;
  }

  /** True once after each time the bucket runs out: a flood of messages is not answered by a flood of refusals. */
  justRanOut(who: string): boolean {
    const bucket = this.#buckets.get(who);
    if (!bucket || bucket.warned) return false;
    bucket.warned = true;
    return true;
  }
}
