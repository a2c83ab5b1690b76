/**
 * What people ask of photographs. They are chosen for what is asked, not for what comes out: the bad ones stay.
 *
 * @property photograph of those that bench/drawable/pictures.py writes
 * @property say messages, one after the other; a picture is shown cut into items, with the last one's answer beside it
 * @property reference another photograph, whose items are B1, B2, …
 */
export const EDITS = [
  { name: 'remove-coin', photograph: 'coins', say: ['select here 90% 61%', 'remove 5'] },
  { name: 'remove-person', photograph: 'camera', say: ['remove the person'] },
  { name: 'remove-spoon', photograph: 'coffee', say: ['select here 54% 60% to 68% 84%', 'remove 8'] },
  { name: 'remove-table', photograph: 'astronaut', say: ['remove 3'] },
  { name: 'move-rocket', photograph: 'rocket', say: ['move 5 left 25%'] },
  { name: 'resize-cup', photograph: 'coffee', say: ['merge 2, 3 and 4', 'make 2 a third smaller'] },
  {
    name: 'swap-coins',
    photograph: 'coins',
    say: ['select here 90% 61%', 'select here 11% 84%', 'swap 5 and 6'],
  },
  { name: 'copy-tower', photograph: 'rocket', say: ['copy 7 right 12%'] },
  { name: 'recolour-eyes', photograph: 'chelsea', say: ['select here 29% 27% to 49% 50%', 'make 8 blue'] },
  { name: 'recolour-saucer', photograph: 'coffee', say: ['make 2 dark green'] },
  { name: 'cut-out-cat', photograph: 'chelsea', say: ['merge 2, 3 and 7', 'cut out 2'] },
  { name: 'keep-only-person', photograph: 'astronaut', say: ['keep only the person'] },
  { name: 'blur-background', photograph: 'camera', say: ['blur everything but the person'] },
  { name: 'crop-to-cup', photograph: 'coffee', say: ['crop to 2, 3 and 4'] },
  { name: 'flip-person', photograph: 'astronaut', say: ['flip the person'] },
  { name: 'replace-wall', photograph: 'astronaut', reference: 'rocket', say: ['replace 1 with B1'] },
  {
    name: 'put-behind',
    photograph: 'astronaut',
    reference: 'chelsea',
    say: ['put B2 at the left', 'put 8 behind 2'],
  },
];
