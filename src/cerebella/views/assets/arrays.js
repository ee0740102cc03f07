"use strict";

// Arrays of the page: base64 of compressed bytes, in which bytes of equal significance lie together.

const NOT_RECORDED = 65535;

/** Return the arrays listed in `table`, from the text of the data element. */
async function decodeArrays(text, table) {
  const packed = fromBase64(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return table.map((entry) => decodeArray(bytes, entry));
}

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

function decodeArray(bytes, entry) {
  const width = Number(entry.type[1]);
  const n = entry.shape.reduce((product, size) => product * size, 1);
  const planes = Array.from({ length: width }, (_, byte) =>
    bytes.subarray(entry.offset + byte * n, entry.offset + (byte + 1) * n));
  if (entry.changes) return new Samples(sumChanges(...planes, entry.shape[1] ?? 1), entry);
  const data = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[width](n);
  planes.forEach((plane, byte) => {
    for (let i = 0; i < n; i++) data[i] |= plane[i] << (8 * byte);
  });
  if (entry.type === "f4") return new Float32Array(data.buffer);
  return entry.sums ? timesOf(data, entry.step) : data;
}

/** Sum differences along columns; the sign of each is in its lowest bit. Sums wrap at 16 bits. */
function sumChanges(low, high, columns) {
  const data = new Uint16Array(low.length);
  for (let i = 0; i < data.length; i++) {
    const folded = low[i] | high[i] << 8, change = (folded >>> 1) ^ -(folded & 1);
    data[i] = i < columns ? change : data[i - columns] + change;
  }
  return data;
}

function timesOf(steps, step) {
  const times = new Float64Array(steps.length);
  for (let i = 0, sum = 0; i < steps.length; i++) {
    sum += steps[i];
    times[i] = sum * step;
  }
  return times;
}

/** Quantized samples: rows over time, one column for each place. */
class Samples {
  constructor(data, entry) {
    this.data = data;
    this.origin = entry.origin;
    this.step = entry.step;
    this.logarithmic = entry.logarithmic;
    this.columns = entry.shape[1] ?? 1;
    this.rows = entry.shape[0];
  }

  /** Return the value of a quantized sample; NaN where nothing was recorded. */
  valueOf(steps) {
    if (steps === NOT_RECORDED) return NaN;
    const value = this.origin + this.step * steps;
    return this.logarithmic ? 10 ** value : value;
  }

  at(row, column = 0) {
    return this.valueOf(this.data[row * this.columns + column]);
  }
}

/** Return the number of entries of a sorted array that are smaller than `value`. */
function lowerBound(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}

/** Return the entry of a sorted array that is nearest to `value`. */
function nearest(sorted, value) {
  const after = lowerBound(sorted, value);
  if (after === 0) return 0;
  return after < sorted.length && sorted[after] - value < value - sorted[after - 1] ? after : after - 1;
}

/** Return about `count` round numbers within a range: multiples of 1, 2 or 5 times a power of 10. */
function roundTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

/** Return a number as text, with a true minus sign and no more digits than needed. */
function asText(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value) >= 10 ** digits
    ? String(Math.round(value)) : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

/** Return a new element with classes, text and children. */
function element(tag, { className = "", text = "", parent = null, ...properties } = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  Object.assign(made, properties);
  if (parent) parent.append(made);
  return made;
}

/** Fit the pixels of a canvas to its size on the page; return the context, in CSS pixels. */
function fittedContext(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
