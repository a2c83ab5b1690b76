/** Line drawings of 24 by 24, drawn in the colour of the text. */
const PATHS = {
  undo: 'M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3',
  redo: 'm15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3',
  compare: 'M12 3v18M4 6h5v12H4zM15 6h5v12h-5z',
  original: 'M3 12a9 9 0 1 0 3-6.7L3 8M3 3v5h5M12 8v4l3 2',
  numbers: 'M4 7l3-2v10M13 7a2.5 2.5 0 1 1 4 2l-4 5h5M4 20h16',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  full: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M4 20h16',
  share: 'M12 3v12M12 3 8 7m4-4 4 4M5 12v8h14v-8',
  more: 'M5 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2zM12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2zM19 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2z',
  back: 'm15 5-7 7 7 7',
  plus: 'M12 5v14M5 12h14',
  gallery: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  replace: 'M4 8h12l-3-3M20 16H8l3 3',
  make: 'm14 6 4 4L8 20l-5 1 1-5zM13 7l4 4',
  remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  cut: 'M6 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.5 8 20 19M8.5 16 20 5',
  move: 'M12 3v18M3 12h18M12 3 9 6m3-3 3 3M12 21l-3-3m3 3 3-3M3 12l3-3m-3 3 3 3M21 12l-3-3m3 3-3 3',
  pick: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M12 9v6M9 12h6',
  outline: 'M7 18c-4-1-5-7-1-10s11-3 13 1 0 9-4 10',
  check: 'm5 13 4 4L19 7',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12h15m0 0-6-6m6 6-6 6',
  brush: 'M14 11 20 4M9 13c3-1 5 1 4 4-1 2-5 3-9 3 2-2 1-6 5-7z',
  eraser: 'm8 20-5-5L14 4l6 6L10 20zM9 9l6 6M8 20h12',
  lasso: 'M12 15c-5 0-9-2-9-6s4-6 9-6 9 2 9 6-3 6-7 6M8 14c-2 3 3 3 1 7',
  square: 'M5 5h14v14H5z',
  circle: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z',
  invert: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  rename: 'M4 20h16M7 16l9-9 3 3-9 9-4 1z',
  merge: 'M7 7h7v7H7zM11 11h7v7h-7z',
  split: 'M12 4v16M4 8h5v8H4zM15 8h5v8h-5z',
  picture: 'M4 5h16v14H4zM9 11a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM4 17l5-5 4 4 3-3 4 4',
  link: 'M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1',
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
