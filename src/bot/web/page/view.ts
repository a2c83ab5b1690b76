/** How a picture lies in the room of the stage: screen = picture · scale + (x, y), in CSS pixels of the stage. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Screen pixels of one picture pixel at most. */
const CLOSEST = 16;

/** The whole picture, as large as the room lets it be: it fills the room in one dimension. */
export function fit(picture: Size, room: Size): View {
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  return {
    scale,
    x: (room.width - picture.width * scale) / 2,
    y: (room.height - picture.height * scale) / 2,
  };
}

/** Never smaller than fitted, never out of the room: a side that is smaller than the room stays in its middle. */
export function kept({ scale, x, y }: View, picture: Size, room: Size): View {
  const least = fit(picture, room).scale;
  const within = Math.min(Math.max(scale, least), Math.max(CLOSEST, least));
  const along = (at: number, side: number, space: number): number => {
    const slack = space - side * within;
    return slack >= 0 ? slack / 2 : Math.min(0, Math.max(slack, at));
  };
  return {
    scale: within,
    x: along(x, picture.width, room.width),
    y: along(y, picture.height, room.height),
  };
}

/** Zooms so that what is under `at` stays there. */
export function zoomed(view: View, factor: number, at: Point, picture: Size, room: Size): View {
  const least = fit(picture, room).scale;
  const scale = Math.min(Math.max(view.scale * factor, least), Math.max(CLOSEST, least));
  const grown = scale / view.scale;
  const moved = { scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown };
  return kept(moved, picture, room);
}

export const panned = (view: View, dx: number, dy: number, picture: Size, room: Size): View =>
  kept({ ...view, x: view.x + dx, y: view.y + dy }, picture, room);

export const toPicture = ({ scale, x, y }: View, at: Point): Point => ({
  x: (at.x - x) / scale,
  y: (at.y - y) / scale,
});

export const toScreen = ({ scale, x, y }: View, at: Point): Point => ({
  x: at.x * scale + x,
  y: at.y * scale + y,
});
