import { mean } from './statistics.js';

/** Processor time, spent and to come. */
export class Spent {
  #seconds = new Map();

  /** Of this process, in seconds: what others do on the machine counts for nothing. */
  get now() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }

  /** So many seconds were a unit of this kind. */
  took(part, variant, seconds) {
    const key = `${part} ${variant}`;
    this.#seconds.set(key, [...(this.#seconds.get(key) ?? []), seconds]);
  }

  /** What these units will take, as words: by those of their kind, by all of their part, or by all there were. */
  left(units) {
    const of = (isIt) => [...this.#seconds].filter(([key]) => isIt(key)).flatMap(([, seconds]) => seconds);
    const expected = ({ part, variant }) => {
      const lists = [
        of((key) => key === `${part} ${variant}`),
        of((key) => key.startsWith(part)),
        of(() => true),
      ];
      return mean(lists.find((list) => list.length > 0) ?? [0]);
    };
    const hours = units.reduce((sum, unit) => sum + expected(unit), 0) / 3600;
    return hours < 1 ? `about ${Math.ceil(60 * hours)} min` : `about ${hours.toFixed(1)} h`;
  }
}
