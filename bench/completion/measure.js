/** How far a filled hole is from the truth. Pictures are RGB bytes, holes 1 inside. */

const LUMA = [0.299, 0.587, 0.114];

/** @returns tone: of 255, under a Gaussian of 5 pixels; texture: 1 is right; seam: of 255 above the truth's */
export function measure(out, truth, hole, width, height) {
  return {
    tone: tone(out, truth, hole, width, height),
    texture: gradient(out, hole, width, height) / gradient(truth, hole, width, height),
    seam: steps(out, hole, width, height) - steps(truth, hole, width, height),
  };
}

function tone(out, truth, hole, width, height) {
  const difference = Float32Array.from(truth, (value, i) => out[i] - value);
  const soft = blurred(difference, width, height, 5);
  let [sum, count] = [0, 0];
  for (let i = 0; i < hole.length; i++) {
    if (!hole[i]) continue;
    for (let c = 0; c < 3; c++) sum += Math.abs(soft[i * 3 + c]);
    count += 3;
  }
  return sum / count;
}

const luma = (data, i) => LUMA[0] * data[i * 3] + LUMA[1] * data[i * 3 + 1] + LUMA[2] * data[i * 3 + 2];

/** The mean gradient between pixels that both lie in the hole. */
function gradient(data, hole, width, height) {
  let [sum, count] = [0, 0];
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      if (!hole[i] || !hole[i + 1] || !hole[i + width]) continue;
      const here = luma(data, i);
      sum += Math.hypot(luma(data, i + 1) - here, luma(data, i + width) - here);
      count++;
    }
  }
  return sum / count;
}

/** The mean step across the hole's rim. */
function steps(data, hole, width, height) {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      for (const j of [x + 1 < width ? i + 1 : i, y + 1 < height ? i + width : i]) {
        if (hole[i] === hole[j]) continue;
        sum += Math.abs(luma(data, i) - luma(data, j));
        count++;
      }
    }
  }
  return sum / count;
}

/** Three box blurs of [height * width * 3]; the rim is repeated. */
function blurred(values, width, height, sigma) {
  const radius = Math.round((Math.sqrt(1 + 4 * sigma * sigma) - 1) / 2);
  let from = values;
  for (let pass = 0; pass < 3; pass++) {
    for (const [length, lines, along, across] of [
      [width, height, 3, width * 3],
      [height, width, width * 3, 3],
    ]) {
      const to = new Float32Array(from.length);
      for (let k = 0; k < lines; k++) {
        for (let c = 0; c < 3; c++) {
          const at = (x) => from[k * across + c + Math.min(length - 1, Math.max(0, x)) * along];
          let sum = 0;
          for (let x = -radius; x <= radius; x++) sum += at(x);
          for (let x = 0; x < length; x++) {
            to[k * across + c + x * along] = sum / (2 * radius + 1);
            sum += at(x + radius + 1) - at(x - radius);
          }
        }
      }
      from = to;
    }
  }
  return from;
}
