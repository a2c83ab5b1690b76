/** How well one label map agrees with another. Maps are arrays of small whole numbers, one a pixel, of equal length. */

/** Of each label of `truth` the best intersection over union with a label of `found`; labels without pixels are left out. */
export function bestOverlaps(truth, found) {
  const { both, ofTruth, ofFound } = counted(truth, found);
  return ofTruth.flatMap((area, t) => {
    if (area === 0) return [];
    return Math.max(...ofFound.map((other, f) => both[t][f] / (area + other - both[t][f] || 1)));
  });
}

/** Region covering (Arbelaez et al., IEEE PAMI 33 (2011), section 3.1): best overlaps, weighed by the labels' areas. */
export function covering(truth, found) {
  const areas = counted(truth, found).ofTruth.filter((area) => area > 0);
  const best = bestOverlaps(truth, found);
  return areas.reduce((sum, area, k) => sum + area * best[k], 0) / truth.length;
}

function counted(truth, found) {
  const size = (map) => map.reduce((most, x) => Math.max(most, x), 0) + 1;
  const [rows, columns] = [size(truth), size(found)];
  const both = Array.from({ length: rows }, () => new Float64Array(columns));
  for (let i = 0; i < truth.length; i++) both[truth[i]][found[i]]++;
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  return {
    both,
    ofTruth: both.map(sum),
    ofFound: Array.from({ length: columns }, (_, f) => sum(both.map((row) => row[f]))),
  };
}
