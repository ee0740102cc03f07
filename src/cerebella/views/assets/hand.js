// Mouse, fingers and keys.

const CLICK_PX = 5, TURN_PER_PX = 0.008;

/** Turns, shifts and zooms what a camera sees, by mouse or fingers. */
class Hand {
  constructor(area, camera, { moved, clicked }) {
    Object.assign(this, { area, camera, moved, clicked, pointers: new Map(), path: 0 });
    area.addEventListener("pointerdown", (event) => this.down(event));
    area.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      area.addEventListener(end, (event) => this.up(event));
    }
    area.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), event);
    }, { passive: false });
    area.addEventListener("dblclick", () => { camera.reset(); moved(); });
  }

  down(event) {
    this.area.setPointerCapture(event.pointerId);
    if (!this.pointers.size) this.path = 0;
    this.pointers.set(event.pointerId, event);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    const other = [...this.pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    this.path += Math.hypot(dx, dy);
    if (other) {
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      this.shift(dx / 2, dy / 2);
      this.zoom(apart(event) / Math.max(apart(before), 1), event);
    } else if (event.shiftKey || before.button === 2) {
      this.shift(dx, dy);
    } else {
      this.camera.yaw += TURN_PER_PX * dx;
      this.camera.pitch = Math.max(-1.57, Math.min(1.57, this.camera.pitch + TURN_PER_PX * dy));
      this.moved();
    }
    this.pointers.set(event.pointerId, event);
  }

  up(event) {
    const still = this.path < CLICK_PX && event.type === "pointerup";
    this.pointers.delete(event.pointerId);
    if (!still) return;
    const { left, top } = this.area.getBoundingClientRect();
    this.clicked(event.clientX - left, event.clientY - top, event.pointerType === "touch" ? 18 : 8);
  }

  shift(dx, dy) {
    this.camera.x += dx / this.area.clientWidth;
    this.camera.y -= dy / this.area.clientHeight;
    this.moved();
  }

  /** Zoom about a place, which stays where it is. */
  zoom(factor, { clientX, clientY }) {
    const { left, top, width, height } = this.area.getBoundingClientRect();
    const zoom = Math.min(60, Math.max(0.3, this.camera.zoom * factor)), own = zoom / this.camera.zoom;
    const x = (clientX - left) / width - 0.5, y = 0.5 - (clientY - top) / height;
    this.camera.x = x + (this.camera.x - x) * own;
    this.camera.y = y + (this.camera.y - y) * own;
    this.camera.zoom = zoom;
    this.moved();
  }
}

const KEYS = {
  " ": ["Space", "play or pause", (page) => page.play(!page.playing)],
  ArrowRight: ["→ ←", "next or previous sample; ten with Shift", (page, by) => page.seek(page.time + by * page.step)],
  ArrowLeft: [null, "", (page, by) => page.seek(page.time - by * page.step)],
  Home: ["Home, End", "start or end", (page) => page.seek(page.window[0])],
  End: [null, "", (page) => page.seek(page.window[1])],
  "+": ["+ −", "shorter or longer time axis; also Ctrl + scroll over a panel", (page) => page.zoomTime(0.5, page.time)],
  "-": [null, "", (page) => page.zoomTime(2, page.time)],
  0: ["0", "whole time axis, dendrite from the front", (page) => { page.camera.reset(); page.zoomTime(Infinity, page.time); page.drawScenes(); }],
  t: ["T", "light or dark", (page) => page.setTheme(page.theme === "dark" ? "light" : "dark")],
  Escape: ["Esc", "choose no compartment", (page) => page.scenes.forEach((scene) => page.pick(scene, -1))],
  "?": ["?", "this help", (page) => showHelp(page)],
};
const TURNS = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };

function pressKey(page, event) {
  if (event.target.closest("input:not([type=range]), select, dialog") || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("button") && event.key === " ") return;
  if (event.altKey && TURNS[event.key] && page.scenes.length) {
    const [yaw, pitch] = TURNS[event.key];
    page.camera.yaw += yaw;
    page.camera.pitch += pitch;
    page.drawScenes();
  } else if (page.network) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) page.network.step(by);
    else if (event.key === "t" || event.key === "?") KEYS[event.key][2](page);
    else return;
  } else if (KEYS[event.key] && !event.altKey) {
    KEYS[event.key][2](page, event.shiftKey ? 10 : 1);
  } else {
    return;
  }
  event.preventDefault();
}

function showHelp(page) {
  const rows = page.network
    ? [["Click", "choose an interneuron or climbing fiber"], ["→ ←", "next or previous cell"], ["T", "light or dark"]]
    : Object.values(KEYS).filter(([name]) => name).map(([name, text]) => [name, text]);
  if (page.scenes.length) {
    rows.unshift(
      ["Drag, Alt + arrows", "turn the dendrite; with Shift or two fingers: shift"],
      ["Scroll, pinch", "zoom; double-click: front view"],
      ["Click", "trace and name of a compartment"]);
  }
  if (page.panels.length) rows.push(["Click a raster", "name and rate of a cell"]);
  byId("list").replaceChildren(...rows.flatMap(([name, text]) =>
    [element("dt", { text: name }), element("dd", { text })]));
  byId("keys").showModal();
}
