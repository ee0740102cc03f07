// The page: reads its data, builds scenes and panels, and keeps them at the same time.

const SPEEDS = [60, 30, 15, 8, 4, 2];    // seconds in which the whole time passes
const SECONDS_FROM_MS = 3000;

class Page {
  constructor(content, arrays) {
    Object.assign(this, { content, arrays, scenes: [], panels: [], network: null, playing: false });
    const [start, stop] = content.window ?? [0, 1];
    this.window = this.range = [start, stop];
    this.unit = stop - start > SECONDS_FROM_MS ? { name: "s", factor: 0.001 } : { name: "ms", factor: 1 };
    this.time = content.runs[0].initial_ms ?? start;
    this.step = content.runs[0].step_ms ?? (stop - start) / 1000;
    this.camera = new Camera();
    byId("title").textContent = content.title;
    byId("model").textContent = `${content.model}, cerebella ${content.version}`;
    this.build();
    this.control();
    this.setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  build() {
    const main = byId("runs");
    main.replaceChildren();
    main.className = this.content.runs.length > 1 ? "two" : "";
    this.content.runs.forEach((run) => this.buildRun(main, run));
    if (this.scenes.length) this.offerColors();
    byId("transport").hidden = !this.content.window;
    byId("reset").hidden = !this.scenes.length;
  }

  buildRun(main, run) {
    const box = element("article", { parent: main, className: `run${run.scene ? " with-scene" : ""}` });
    const about = element("div", { parent: box, className: "about" });
    if (this.content.runs.length > 1) element("h2", { parent: about, text: run.name });
    if (run.condition) element("p", { parent: about, className: "facts", text: run.condition });
    const facts = element("details", { parent: about, className: "facts" });
    element("summary", { parent: facts, text: `About this ${this.content.window ? "run" : "network"}` });
    const list = element("dl", { parent: facts });
    for (const [name, value] of run.facts) {
      element("dt", { parent: list, text: name });
      element("dd", { parent: list, text: value });
    }
    const left = run.scene && element("div", { parent: box, className: "left" });
    const panels = element("div", { parent: box, className: "panels" });
    if (run.scene?.kind === "dendrite") this.addDendrite(left, panels, run);
    if (run.scene?.kind === "network") {
      const scene = element("div", { parent: left, className: "scene flat" });
      this.network = new NetworkView(scene, panels, run.scene, this.arrays, this);
    }
    for (const spec of run.panels) this.panels.push(new Panel(panels, spec, this.arrays, this));
  }

  addDendrite(left, panels, run) {
    const parent = element("div", { parent: left, className: "scene", tabIndex: 0 });
    parent.setAttribute("aria-label", `Dendrite of ${run.name}; arrow keys with Alt turn it`);
    const smooth = this.content.runs.length === 1 || !drawsInSoftware();
    const dendrite = new Dendrite(parent, run.scene, this.arrays, this.camera, smooth);
    dendrite.label = element("p", { parent: left, className: "picked" });
    element("span", {
      parent: dendrite.label, className: "hint",
      text: "Drag to turn, scroll to zoom, click a compartment for its trace.",
    });
    dendrite.panels = panels;
    this.scenes.push(dendrite);
    new Hand(parent, this.camera, {
      moved: () => this.drawScenes(),
      clicked: (x, y, tolerance) => this.pick(dendrite, dendrite.pick(x, y, tolerance)),
    });
  }

  /** Return the panels of each run, from top to bottom. */
  columns() {
    const parents = new Set(this.panels.map(({ box }) => box.parentElement));
    return [...parents].map((parent) =>
      [...parent.children].map((box) => this.panels.find((panel) => panel.box === box)).filter(Boolean));
  }

  /** Choose a compartment, in all cells of the same shape; -1 for none. */
  pick(dendrite, compartment) {
    const { n_compartments: n } = dendrite.scene;
    for (const scene of this.scenes) {
      if (scene === dendrite || scene.scene.n_compartments === n) scene.selected = compartment;
    }
    this.showTraces();
    this.redraw();
  }

  /** Show the traces of the chosen compartments, with common limits. */
  showTraces() {
    const chosen = this.scenes.map((scene) => (scene.selected < 0 ? null : scene.series(scene.selected)));
    const limits = limitsOf(chosen.filter(Boolean));
    this.scenes.forEach((scene, k) => this.showTrace(scene, chosen[k], limits));
  }

  showTrace(scene, series, limits) {
    if (scene.trace) {
      scene.trace.box.remove();
      this.panels = this.panels.filter((panel) => panel !== scene.trace);
      scene.trace = null;
    }
    if (scene.selected < 0) return;
    const { name, text } = scene.describe(scene.selected), { label, unit, logarithmic } = scene.quantity;
    scene.label.replaceChildren(element("b", { text: name }), `: ${text}`);
    if (!series) {
      scene.label.append("; not recorded");
      return;
    }
    const spec = {
      kind: "lines", title: `${name}, ${label}`, unit, height: 120, limits, digits: logarithmic ? 2 : 3,
      series: [{ ...series, name, color: "line1" }],
    };
    scene.trace = new Panel(scene.panels, spec, this.arrays, this);
    scene.panels.prepend(scene.trace.box);
    this.panels.push(scene.trace);
  }

  offerColors() {
    byId("colors").hidden = false;
    for (const { key, label } of this.scenes[0].quantities) {
      element("option", { parent: byId("quantity"), text: label, value: key });
    }
    for (const name of Object.keys(this.content.maps)) {
      element("option", { parent: byId("map"), text: name, value: name });
    }
    this.showQuantity(this.scenes[0].quantities[0].key);
    byId("quantity").onchange = (event) => this.showQuantity(event.target.value);
    byId("map").onchange = () => this.redraw();
    for (const id of ["low", "high"]) byId(id).onchange = () => this.takeLimits();
  }

  /** Color all dendrites by a quantity, with common limits. */
  showQuantity(key) {
    const all = this.scenes.map(({ quantities }) => quantities.find((one) => one.key === key) ?? quantities[0]);
    const limits = [
      Math.min(...all.map((one) => one.limits[0])), Math.max(...all.map((one) => one.limits[1]))];
    byId("quantity").value = key;
    byId("unit").textContent = all[0].unit === "1" ? "" : all[0].unit;
    [byId("low").value, byId("high").value] = limits.map(String);
    this.scenes.forEach((scene) => scene.show(key, limits));
    this.showTraces();
    this.redraw();
  }

  takeLimits() {
    const limits = ["low", "high"].map((id) => Number(byId(id).value.replace(",", ".").replace("−", "-")));
    const { logarithmic, key } = this.scenes[0].quantity;
    const valid = limits.every(Number.isFinite) && limits[0] < limits[1] && (!logarithmic || limits[0] > 0);
    for (const id of ["low", "high"]) byId(id).setAttribute("aria-invalid", String(!valid));
    if (!valid) return;
    this.scenes.forEach((scene) => scene.show(key, limits));
    this.redraw();
  }

  control() {
    const [start, stop] = this.window, slider = byId("time");
    Object.assign(slider, { min: start, max: stop, step: this.step / 10 });
    slider.oninput = () => this.seek(Number(slider.value));
    byId("play").onclick = () => this.play(!this.playing);
    byId("reset").onclick = () => { this.camera.reset(); this.drawScenes(); };
    byId("theme").onclick = () => this.setTheme(this.theme === "dark" ? "light" : "dark");
    byId("help").onclick = () => showHelp(this);
    byId("in").onclick = () => this.zoomTime(0.5, this.time);
    byId("out").onclick = () => this.zoomTime(2, this.time);
    byId("all").onclick = () => this.zoomTime(Infinity, this.time);
    for (const seconds of SPEEDS) {
      const rate = (stop - start) * this.unit.factor / seconds;
      const text = `${asText(rate, 2)} ${this.unit.name} per s`;
      element("option", { parent: byId("speed"), text, value: String(rate / this.unit.factor) });
    }
    byId("speed").selectedIndex = 2;
    addEventListener("keydown", (event) => pressKey(this, event));
    let width = innerWidth, height = innerHeight;
    addEventListener("resize", () => {
      if (width !== innerWidth || Math.abs(height - innerHeight) > 100) this.redraw();
      [width, height] = [innerWidth, innerHeight];
    });
  }

  setTheme(theme) {
    this.theme = document.documentElement.dataset.theme = theme;
    byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
    const style = getComputedStyle(document.documentElement), side = theme === "dark" ? 1 : 0;
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    this.ink = Object.fromEntries(
      ["text", "soft", "line", "field", "cursor", "accent"].map((name) => [name, value(name)]));
    this.ink.font = getComputedStyle(document.body).fontFamily;
    this.ink.color = (name) => this.content.colors[name]?.[side] ?? this.ink.text;
    this.redraw();
  }

  /** Show a time in all scenes and panels. */
  seek(time) {
    const [start, stop] = this.window;
    this.time = Math.min(stop, Math.max(start, time));
    const [from, to] = this.range, length = to - from;
    if (this.time < from || this.time > to) {
      const left = Math.min(Math.max(this.time - length * 0.1, start), stop - length);
      this.range = [left, left + length];
      this.panels.forEach((panel) => panel.draw());
    }
    this.showTime();
  }

  /** Show the time. Scenes are first: to write text before they ask for their size costs a layout. */
  showTime() {
    this.scenes.forEach((scene) => scene.draw(this.time));
    byId("time").value = String(this.time);
    byId("now").textContent =
      `${(this.time * this.unit.factor).toFixed(this.unit.factor === 1 ? 1 : 3)} ${this.unit.name}`;
    this.panels.forEach((panel) => panel.mark(this.time));
  }

  /** Draw scenes with what lies over them, which does not depend on the time. */
  drawScenes() {
    for (const scene of this.scenes) {
      scene.draw(this.time);
      drawOverlay(scene, this.ink);
    }
  }

  redraw() {
    if (!this.ink) return;
    const map = this.scenes.length && this.arrays[this.content.maps[byId("map").value]];
    if (map) this.scenes.forEach((scene) => scene.paint(map, this.theme === "dark"));
    for (const panels of this.columns()) {
      panels.forEach((panel, k) => {
        Object.assign(panel, { first: k === 0, last: k === panels.length - 1 });
        panel.draw();
      });
    }
    this.network?.draw();
    this.scenes.forEach((scene) => drawOverlay(scene, this.ink));
    this.showTime();
  }

  zoomTime(factor, about) {
    const [start, stop] = this.window, [from, to] = this.range;
    const length = Math.min(stop - start, Math.max((to - from) * factor, 5 * this.step));
    const left = about - (about - from) * length / (to - from);
    const first = Number.isFinite(left) ? Math.min(Math.max(left, start), stop - length) : start;
    this.range = [first, first + length];
    this.panels.forEach((panel) => panel.draw());
  }

  play(playing) {
    this.playing = playing;
    byId("play").textContent = playing ? "❚❚" : "▶";
    byId("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    if (!playing) return;
    if (this.time >= this.window[1]) this.seek(this.window[0]);
    let before = performance.now();
    const next = (now) => {
      if (!this.playing) return;
      this.seek(this.time + Number(byId("speed").value) * (now - before) / 1000);
      before = now;
      if (this.time >= this.window[1]) this.play(false); else requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }
}

function byId(id) { return document.getElementById(id); }

/** Return limits that include all values of some series. */
function limitsOf(several) {
  let low = Infinity, high = -Infinity;
  for (const { n, value } of several) {
    for (let i = 0; i < n; i++) {
      const one = value(i);
      if (one < low) low = one;
      if (one > high) high = one;
    }
  }
  const margin = 0.06 * (high - low) || 1;
  return [low - margin, high + margin];
}

async function start() {
  const content = JSON.parse(byId("content").textContent);
  const arrays = await decodeArrays(byId("data").textContent.trim(), content.arrays);
  globalThis.cerebella = new Page(content, arrays);
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

start().catch((error) => {
  byId("problem").hidden = false;
  byId("problem").textContent = `The page cannot be shown: ${error.message}`;
  byId("loading")?.remove();
});
