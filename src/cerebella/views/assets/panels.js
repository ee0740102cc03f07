// Panels over time: rasters, lines and distributions, on two-dimensional canvases. All panels of a
// page share the time that is marked and the range of their time axes.

const LEFT = 52, RIGHT = 10, TIME_AXIS = 34, TICK = 4;
const GROUP_GAP = 3;
const SPARSE = 0.02;                     // share of pixels with spikes below which marks are wider

class Panel {
  constructor(parent, spec, arrays, page) {
    Object.assign(this, { spec, page });
    this.box = element("section", { parent, className: "panel" });
    const head = element("div", { parent: this.box, className: "head" });
    const unit = spec.unit && spec.unit !== "1" ? ` (${spec.unit})` : "";
    this.title = element("h3", { parent: head, text: spec.title + unit, title: spec.note ?? "" });
    this.legend = element("div", { parent: head, className: "legend" });
    this.output = element("output", { parent: head, className: "value" });
    this.plot = element("div", { parent: this.box, className: "plot" });
    this.canvas = element("canvas", { parent: this.plot });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `${spec.title}${unit} over time`);
    this.cursor = element("div", { parent: this.plot, className: "cursor" });
    this.first = this.last = false;
    this.read(arrays);
    this.listen();
  }

  /** Replace indices in the description by arrays. */
  read(arrays) {
    const { spec } = this;
    if (spec.kind === "raster") {
      this.groups = spec.groups.map((group) => ({
        ...group, cells: arrays[group.cells], times: arrays[group.times], rows: arrays[group.rows],
      }));
    } else if (spec.kind === "lines") {
      this.series = spec.series.map((series) => (series.value ? series : seriesOf(series, arrays)));
    } else if (spec.kind === "heat") {
      Object.assign(this, { times: arrays[spec.times], values: arrays[spec.values] });
    }
    this.stimuli = (spec.stimuli ?? []).map((one) => ({ ...one, onsets: arrays[one.onsets] }));
  }

  listen() {
    let scrubbing = false;
    const seek = (event) => {
      const x = event.clientX - this.plot.getBoundingClientRect().left;
      this.page.seek(this.timeAt(x));
    };
    this.plot.addEventListener("pointerdown", (event) => {
      scrubbing = true;
      this.plot.setPointerCapture(event.pointerId);
      seek(event);
      this.pick(event.clientY - this.plot.getBoundingClientRect().top - 1);
    });
    this.plot.addEventListener("pointermove", (event) => scrubbing && seek(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.plot.addEventListener(end, () => { scrubbing = false; });
    }
    this.plot.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const x = event.clientX - this.plot.getBoundingClientRect().left;
      this.page.zoomTime(Math.exp(event.deltaY / 200), this.timeAt(x));
    }, { passive: false });
  }

  get width() { return Math.max(this.plot.clientWidth, LEFT + RIGHT + 20); }

  timeAt(x) {
    const [start, stop] = this.page.range;
    return start + (stop - start) * (x - LEFT) / (this.width - LEFT - RIGHT);
  }

  xOf(time) {
    const [start, stop] = this.page.range;
    return LEFT + (this.width - LEFT - RIGHT) * (time - start) / (stop - start);
  }

  draw() {
    const { spec, page } = this, { ink } = page, height = spec.height;
    const total = height + TICK + (this.last ? TIME_AXIS : 6) + 2;
    this.canvas.style.height = `${total}px`;
    this.cursor.style.height = `${height}px`;
    const context = this.context = fittedContext(this.canvas, this.width, total);
    context.font = `11.5px ${ink.font}`;
    context.translate(0, 1);
    this.drawTimeAxis(context, height);
    context.save();
    context.beginPath();
    context.rect(LEFT, -1, this.width - LEFT - RIGHT, height + 2);
    context.clip();
    this[spec.kind](context, height);
    this.drawMarks(context, height);
    if (spec.kind === "lines" || spec.kind === "raster") shadeStimuli(this, context, height);
    this.shadeStartUp(context, height);
    context.restore();
    this.fillLegend();
    this.mark(page.time);
  }

  drawTimeAxis(context, height) {
    const { page } = this, { ink } = page, [start, stop] = page.range, factor = page.unit.factor;
    context.fillStyle = context.strokeStyle = ink.soft;
    context.fillRect(LEFT, height, this.width - LEFT - RIGHT, 1);
    context.fillRect(LEFT - 1, 0, 1, height + 1);
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const tick of roundTicks(start * factor, stop * factor, (this.width - LEFT) / 80)) {
      const x = Math.round(this.xOf(tick / factor));
      context.fillRect(x, height, 1, TICK);
      if (this.last) context.fillText(asText(tick, 6), Math.min(x, this.width - 14), height + TICK + 2);
    }
    if (this.last) {
      context.fillText(`Time (${page.unit.name})`, (LEFT + this.width - RIGHT) / 2, height + TICK + 17);
    }
  }

  drawValueAxis(context, height) {
    const [low, high] = this.spec.limits, { ink } = this.page;
    const y = (value) => height * (1 - (value - low) / (high - low));
    context.restore();
    context.save();
    context.fillStyle = ink.soft;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const round = roundTicks(low, high, Math.max(2, height / 28)).map((tick) => [tick, asText(tick)]);
    for (const [tick, text] of this.spec.ticks ?? round) {
      context.fillRect(LEFT - 1 - TICK, Math.round(y(tick)), TICK, 1);
      context.fillText(text, LEFT - TICK - 4, Math.min(Math.max(y(tick), 5), height - 3));
    }
    context.beginPath();
    context.rect(LEFT, -1, this.width - LEFT - RIGHT, height + 2);
    context.clip();
    return y;
  }

  /** Draw one row for each cell; groups from top to bottom, each with its name. */
  raster(context, height) {
    const { page } = this, { ink } = page, [start, stop] = page.range;
    const rows = this.groups.reduce((sum, group) => sum + group.shown, 0);
    const row = (height - GROUP_GAP * (this.groups.length - 1)) / rows;
    const ratio = this.canvas.width / this.width, width = Math.round((this.width - LEFT - RIGHT) * ratio);
    const image = context.createImageData(width, Math.ceil(height * ratio));
    const pixels = new Uint32Array(image.data.buffer), tall = Math.round(Math.max(row * 0.8, 2.5) * ratio);
    let top = 0;
    for (const group of this.groups) {
      Object.assign(group, { top, row });
      const counts = this.countsOf(group, width), shades = shadesOf(ink.color(group.name), counts);
      const wide = counts.reduce((sum, count) => sum + count, 0) < SPARSE * counts.length ? 2 : 1;
      for (let of = 0; of < group.shown; of++) {
        const first = Math.floor((top + row * of) * ratio), last = Math.min(first + tall, image.height);
        for (let x = 0; x < width; x++) {
          const shade = shades[counts[of * width + x]];
          if (!shade) continue;
          for (let y = first; y < last; y++) {
            pixels.fill(shade, y * width + x, y * width + Math.min(x + wide, width));
          }
        }
      }
      top += row * group.shown + GROUP_GAP;
    }
    context.putImageData(image, Math.round(LEFT * ratio), Math.round(ratio));
    context.restore();
    context.save();
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const group of this.groups) {
      context.fillStyle = ink.color(group.name);
      context.fillText(group.name, LEFT - 7, Math.max(6, group.top + row * group.shown / 2));
    }
    context.beginPath();
    context.rect(LEFT, -1, this.width - LEFT - RIGHT, height + 2);
    context.clip();
  }

  /** Return the number of spikes of each cell in each column of pixels. */
  countsOf({ times, rows, shown }, width) {
    const [start, stop] = this.page.range, counts = new Uint16Array(shown * width);
    for (let i = lowerBound(times, start); i < times.length && times[i] <= stop; i++) {
      const x = Math.min(width - 1, Math.floor((times[i] - start) / (stop - start) * width));
      counts[rows[i] * width + x] += 1;
    }
    return counts;
  }

  lines(context, height) {
    const y = this.drawValueAxis(context, height), { ink } = this.page;
    for (const series of this.series) {
      const color = ink.color(series.color);
      if (series.band) {
        context.fillStyle = color;
        context.globalAlpha = 0.22;
        this.trace(context, series, series.band[0], y, series.band[1]);
        context.globalAlpha = 1;
      }
      context.strokeStyle = color;
      context.lineWidth = series.color === "single" ? 0.8 : 1.4;
      context.lineJoin = "round";
      this.trace(context, series, series.value, y);
    }
    for (const level of this.spec.levels ?? []) {
      context.strokeStyle = ink.color("level");
      context.lineWidth = 1.4;
      context.setLineDash([6, 4]);
      context.beginPath();
      context.moveTo(LEFT, y(level.value));
      context.lineTo(this.width - RIGHT, y(level.value));
      context.stroke();
      context.setLineDash([]);
    }
  }

  /** Draw a line, by extremes where samples are denser than pixels, or fill between two. */
  trace(context, series, value, y, upper = null) {
    const [start, stop] = this.page.range;
    const first = Math.max(0, series.index(start) - 1), last = Math.min(series.n - 1, series.index(stop) + 1);
    const dense = (last - first) / (this.width - LEFT - RIGHT) > 3;
    context.beginPath();
    let low = Infinity, high = -Infinity, pixel = NaN;
    for (let i = first; i <= last; i++) {
      const x = this.xOf(series.time(i)), at = y(value(i));
      if (!dense || upper) {
        context.lineTo(x, at);
        if (series.stairs) context.lineTo(this.xOf(i + 1 < series.n ? series.time(i + 1) : series.stairs), at);
      } else if (Math.floor(x) === pixel) {
        [low, high] = [Math.min(low, at), Math.max(high, at)];
      } else {
        if (low <= high) { context.lineTo(pixel, low); context.lineTo(pixel, high); }
        [low, high, pixel] = [at, at, Math.floor(x)];
      }
    }
    if (low <= high) { context.lineTo(pixel, low); context.lineTo(pixel, high); }
    if (!upper) return context.stroke();
    for (let i = last; i >= first; i--) context.lineTo(this.xOf(series.time(i)), y(upper(i)));
    return context.fill();
  }

  /** Draw values of bins over time: one column for each sample, darker for more. */
  heat(context, height) {
    const y = this.drawValueAxis(context, height), { n_bins: bins, edges, scale } = this.spec;
    const edge = (bin) => y(edges[0] + (edges[1] - edges[0]) * bin / bins);
    const half = this.times.length > 1 ? (this.times[1] - this.times[0]) / 2 : 1;
    context.fillStyle = this.page.ink.color("PC");
    this.times.forEach((time, k) => {
      const left = Math.round(this.xOf(time - half)), width = Math.round(this.xOf(time + half)) - left;
      if (left + width < LEFT || left > this.width) return;
      for (let bin = 0; bin < bins; bin++) {
        context.globalAlpha = (this.values.at(k, bin) - scale[0]) / (scale[1] - scale[0]) || 0;
        const top = Math.round(edge(bin + 1));
        context.fillRect(left, top, width, Math.round(edge(bin)) - top);
      }
    });
    context.globalAlpha = 1;
  }

  bars(context, height) { drawStimuli(this, context, height); }

  drawMarks(context, height) {
    context.fillStyle = this.page.ink.text;
    for (const { time } of this.spec.marks ?? []) {
      const x = this.xOf(time);
      context.beginPath();
      context.moveTo(x - 5, 0);
      context.lineTo(x + 5, 0);
      context.lineTo(x, 9);
      context.fill();
    }
  }

  /** Shade, below what is drawn, the time that still depends on the initial state. */
  shadeStartUp(context, height) {
    const { ink, content, range } = this.page, right = this.xOf(content.start_up_ms);
    if (content.start_up_ms <= range[0]) return;
    context.globalCompositeOperation = "destination-over";
    if (this.first) {
      Object.assign(context, { fillStyle: ink.soft, textAlign: "left", textBaseline: "top" });
      context.fillText("start-up", Math.max(this.xOf(0), LEFT) + 4, 2);
    }
    context.fillStyle = ink.line;
    context.globalAlpha = 0.4;
    context.fillRect(LEFT, 0, right - LEFT, height);
    context.globalAlpha = 1;
    context.globalCompositeOperation = "source-over";
  }

  fillLegend() {
    const { spec, page } = this, parts = [];
    const add = (color, text, className = "") => {
      const item = element("span");
      const sign = element("i", { parent: item, className });
      sign.style.background = page.ink.color(color);
      item.append(text);
      parts.push(item);
    };
    if (spec.kind === "raster") {
      for (const { name, n, shown } of this.groups) {
        const noun = name === "CF" || name === "PF" ? "fibers" : "cells";
        add(name, shown < n ? `${name}, first ${shown} of ${n} ${noun}` : `${name}, ${n} ${noun}`);
      }
    } else if (spec.kind === "lines") {
      const named = this.series.filter(({ color }) => color !== "single");
      const several = named.length > 1 || named.some(({ band }) => band);
      if (several) named.forEach(({ color, name }) => add(color, name));
      for (const level of spec.levels ?? []) add("level", `${level.label} ${asText(level.value)} ${spec.unit}`);
    }
    if (spec.kind === "heat" && spec.scale_label) parts.push(this.scale());
    if (spec.kind === "heat" && spec.note) parts.push(element("span", { text: spec.note }));
    if (spec.kind === "bars") this.stimuli.forEach(({ color, label }) => add(color, label));
    const labels = new Set((spec.marks ?? []).map(({ label }) => label));
    labels.forEach((label) => parts.push(element("span", { text: `▼ ${label}` })));
    this.legend.replaceChildren(...parts);
  }

  /** Return the shades of a distribution with the values of the lightest and the darkest. */
  scale() {
    const { scale: [low, high], scale_label: label } = this.spec, item = element("span");
    item.append(`${label} ${asText(low, 2)} `);
    const shades = element("i", { parent: item, className: "scale" });
    shades.style.background = `linear-gradient(to right, transparent, ${this.page.ink.color("PC")})`;
    item.append(asText(high, 2));
    return item;
  }

  /** Move the mark of the time, and write the values there. */
  mark(time) {
    const [start, stop] = this.page.range;
    this.cursor.hidden = time < start || time > stop;
    this.cursor.style.transform = `translateX(${this.xOf(time) - 0.75}px)`;
    if (this.spec.kind !== "lines") return;
    const shown = this.series.filter(({ color }) => color !== "single");
    const unit = this.spec.unit === "1" ? "" : ` ${this.spec.unit}`;
    this.output.textContent = shown.map((series) => {
      const value = asText(series.value(series.index(time)), this.spec.digits);
      return `${shown.length > 1 ? `${series.name} ` : ""}${value}${unit}`;
    }).join(", ");
  }

  /** Write what is at a height: the cell of a raster with its rate, or a bin with its value. */
  pick(y) {
    if (this.spec.kind === "raster") this.pickCell(y);
    if (this.spec.kind !== "heat" || !this.spec.bins) return;
    const { n_bins: bins, height, bins: names } = this.spec;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(bins * (1 - y / height))));
    const k = nearest(this.times, this.page.time);
    this.output.textContent = `${names[bin]}: ${asText(this.values.at(k, bin))}`;
  }

  /** Name the cell of a raster at a height, with its rate in the visible time. */
  pickCell(y) {
    const group = this.groups.find(({ top, row, shown }) => y >= top && y < top + row * shown);
    if (!group) return;
    const row = Math.floor((y - group.top) / group.row), [start, stop] = this.page.range;
    let n = 0;
    for (let i = lowerBound(group.times, start); i < group.times.length && group.times[i] <= stop; i++) {
      n += group.rows[i] === row;
    }
    const rate = 1000 * n / (stop - start);
    this.output.textContent = `${group.name}[${group.cells[row]}]: ${n} spikes shown, ${asText(rate)} Hz`;
  }
}

/** Return pixels for each count up to the largest: a color, the more opaque the more spikes. */
function shadesOf(color, counts) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const most = counts.reduce((largest, count) => Math.max(largest, count), 1);
  const opacity = (count) => (count ? Math.round(255 * (most > 2 ? 0.2 + 0.8 * count / most : 1)) : 0);
  const bytes = Array.from({ length: most + 1 }, (_, count) => [red, green, blue, opacity(count)]);
  return new Uint32Array(new Uint8Array(bytes.flat()).buffer);
}

/** Return a series from its description: number of samples, time and value of each. */
function seriesOf(spec, arrays) {
  const samples = arrays[spec.values], times = spec.times === undefined ? null : arrays[spec.times];
  const values = (index) => (i) => arrays[index].at(i);
  const stairs = spec.stairs_end, round = stairs === undefined ? Math.round : Math.floor;
  return {
    name: spec.name,
    color: spec.color,
    stairs,
    ...timed(samples.rows, spec.start, spec.step, times, round),
    value: values(spec.values),
    band: spec.band?.map(values),
  };
}

/** Return the number of samples, the time of each, and the sample at a time. */
function timed(n, start, step, times = null, round = Math.round) {
  const time = times ? (i) => times[i] : (i) => start + i * step;
  const near = times ? (t) => nearest(times, t) : (t) => round((t - start) / step);
  return { n, time, index: (t) => Math.min(n - 1, Math.max(0, near(t))) };
}
