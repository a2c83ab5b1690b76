import { contoursOf, pathOf } from './contours.js';
import { equal, packed, type Runs, unpack } from './runs.js';
import type { Point, Size } from './view.js';

/** Pixels of the canvas that is drawn on; telephones allow no more than a few times this. */
const MOST_PIXELS = 2_000_000;
const COLOUR = '#1fd1a5';
/** The same, as canvases hold it on machines whose low byte comes first. */
const COLOUR_BITS = 0xffa5d11f;
/** Steps that can be taken back. */
const MOST_STEPS = 100;

export type Tool = 'brush' | 'eraser' | 'lasso' | 'square' | 'circle';

/** An outline that is being drawn: pixels inside are coloured, the others are not; every step can be taken back. */
export class MaskCanvas {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #steps: Runs[] = [];
  #at = 0;

  /** @param labels the label map @param item whose pixels the outline begins with */
  constructor(labels: Size & { readonly data: Uint8Array }, item: number) {
    const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (labels.width * labels.height)));
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.max(1, Math.round(labels.width * scale));
    this.canvas.height = Math.max(1, Math.round(labels.height * scale));
    this.#context = this.canvas.getContext('2d', { willReadFrequently: true })!;
    const { width, height } = this.canvas;
    const inside = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y * labels.height) / height) * labels.width;
      for (let x = 0; x < width; x++)
        inside[y * width + x] = Number(labels.data[row + Math.floor((x * labels.width) / width)] === item);
    }
    this.#steps = [packed(inside)];
    this.#draw();
  }

  /** One byte a pixel, 0 or 1. */
  inside(): Uint8Array {
    const { width, height } = this.canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const inside = new Uint8Array(width * height);
    for (let i = 0; i < inside.length; i++) inside[i] = Number(data[4 * i + 3]! >= 128);
    return inside;
  }

  get changed(): boolean {
    return !equal(this.#steps[0]!, this.#steps[this.#at]!);
  }
  get area(): number {
    return this.#steps[this.#at]!.area;
  }
  get canUndo(): boolean {
    return this.#at > 0;
  }
  get canRedo(): boolean {
    return this.#at < this.#steps.length - 1;
  }

  /** As an SVG path in pixels of the canvas. */
  path(): string {
    const { width, height } = this.canvas;
    return pathOf(contoursOf(this.inside(), width, height, 1));
  }

  /** A part of a stroke. Points and widths are pixels of the canvas. */
  stroke(from: Point, to: Point, width: number, erases: boolean): void {
    const context = this.#context;
    context.globalCompositeOperation = erases ? 'destination-out' : 'source-over';
    context.strokeStyle = COLOUR;
    context.lineWidth = width;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    context.globalCompositeOperation = 'source-over';
  }

  fill(points: readonly Point[]): void {
    if (points.length < 3) return;
    this.#shape((path) => points.forEach(({ x, y }) => path.lineTo(x, y)));
  }

  square(a: Point, b: Point): void {
    this.#shape((path) =>
      path.rect(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.abs(a.x - b.x), Math.abs(a.y - b.y)),
    );
  }

  circle(a: Point, b: Point): void {
    const [rx, ry] = [Math.abs(a.x - b.x) / 2, Math.abs(a.y - b.y) / 2];
    this.#shape((path) => path.ellipse((a.x + b.x) / 2, (a.y + b.y) / 2, rx, ry, 0, 0, 2 * Math.PI));
  }

  #shape(draw: (path: CanvasRenderingContext2D) => void): void {
    const context = this.#context;
    context.fillStyle = COLOUR;
    context.beginPath();
    draw(context);
    context.fill();
  }

  invert(): void {
    const context = this.#context;
    context.globalCompositeOperation = 'xor';
    context.fillStyle = COLOUR;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.globalCompositeOperation = 'source-over';
    this.keep();
  }

  clear(): void {
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.keep();
  }

  /** What was drawn since is one step. */
  keep(): void {
    const now = packed(this.inside());
    if (!equal(now, this.#steps[this.#at]!)) {
      this.#steps = [...this.#steps.slice(Math.max(0, this.#at + 1 - MOST_STEPS), this.#at + 1), now];
      this.#at = this.#steps.length - 1;
    }
    this.#draw(); // edges that were drawn soft are one or the other now
  }

  /** What was drawn since the last step is taken away. */
  forget(): void {
    this.#draw();
  }

  undo(): void {
    this.#at = Math.max(0, this.#at - 1);
    this.#draw();
  }

  redo(): void {
    this.#at = Math.min(this.#steps.length - 1, this.#at + 1);
    this.#draw();
  }

  #draw(): void {
    const image = this.#context.createImageData(this.canvas.width, this.canvas.height);
    unpack(this.#steps[this.#at]!, new Uint32Array(image.data.buffer), COLOUR_BITS);
    this.#context.putImageData(image, 0, 0);
  }
}
