// The dendrite in three dimensions, by WebGL2. Each piece of the cell is a rectangle that faces the
// viewer; the fragment shader cuts it to the outline of a cone with round ends. Shape and values are
// textures, from which the vertex shader reads by the number of the vertex: software renderers are
// several times faster with it than with instances. The projection is orthographic, so that the
// scale bar holds everywhere.

const VERTEX = `#version 300 es
precision highp float;
precision highp int;
uniform highp sampler2D pieces;          // per piece two texels: x, y, z and diameter in micrometers
uniform highp usampler2D compartments;
uniform sampler2D values;                // per compartment
uniform mat3 turn;
uniform vec3 middle;
uniform vec2 shift, size;                // pixels
uniform float pixels, thinnest, depth;   // per micrometer; pixels; pixels
out vec2 place;
flat out vec4 cone;                      // length, both radii, value
flat out vec2 heights;
const vec2 CORNERS[3] = vec2[3](vec2(-1.0, 0.0), vec2(3.0, 0.0), vec2(-1.0, 2.0));
ivec2 texel(int index) { return ivec2(index & 255, index >> 8); }
void main() {
  int piece = gl_VertexID / 3;
  vec4 start = texelFetch(pieces, texel(2 * piece), 0);
  vec4 end = texelFetch(pieces, texel(2 * piece + 1), 0);
  int compartment = int(texelFetch(compartments, texel(piece), 0).r);
  vec3 a = turn * (start.xyz - middle) * pixels, b = turn * (end.xyz - middle) * pixels;
  float ra = max(start.w * pixels * 0.5, thinnest), rb = max(end.w * pixels * 0.5, thinnest);
  vec2 along = b.xy - a.xy;
  float len = length(along);
  along = len > 1e-4 ? along / len : vec2(1.0, 0.0);
  float reach = max(ra, rb) + 1.0;
  place = CORNERS[gl_VertexID - 3 * piece] * vec2(reach, len + 2.0 * reach) - vec2(0.0, reach);
  cone = vec4(len, ra, rb, texelFetch(values, texel(compartment), 0).r);
  heights = vec2(a.z, b.z) / depth;
  vec2 at = a.xy + along * place.y + vec2(-along.y, along.x) * place.x + shift;
  gl_Position = vec4(at / (size * 0.5), 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 place;
flat in vec4 cone;
flat in vec2 heights;
uniform sampler2D colors;
uniform vec3 missing;
uniform float depth, least;              // covered share from which a pixel is drawn
out vec4 color;
void main() {
  float t = cone.x > 1e-4 ? clamp(place.y / cone.x, 0.0, 1.0) : 0.0;
  float radius = mix(cone.y, cone.z, t), off = length(place - vec2(0.0, t * cone.x));
  float covered = clamp(radius - off + 0.5, 0.0, 1.0);
  if (covered <= least) discard;
  float rise = sqrt(max(0.0, 1.0 - off * off / (radius * radius)));
  vec3 base = cone.w > 0.998 ? missing : texelFetch(colors, ivec2(int(cone.w * 255.0 + 0.5), 0), 0).rgb;
  color = vec4(base * mix(0.68, 1.0, rise), covered);
  gl_FragDepth = 0.5 - 0.5 * (mix(heights.x, heights.y, t) + rise * radius / depth);
}`;

const TEXTURE_WIDTH = 256, MISSING = 255;
const THINNEST_PX = 0.75;                 // half the width at which thin dendrites stay visible
const BAR_PX = 84;                        // room for the color bar
const PIECE_FLOATS = 8;

/** What dendrites that are shown side by side have in common: how they are seen. */
class Camera {
  constructor() { this.reset(); }

  reset() { Object.assign(this, { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 }); }

  /** Rows of the rotation: about the vertical axis of the cell, then toward the viewer. */
  rotation() {
    const [cy, sy] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    const [cp, sp] = [Math.cos(this.pitch), Math.sin(this.pitch)];
    return [[cy, 0, sy], [sp * sy, cp, -sp * cy], [-cp * sy, sp, cp * cy]];
  }
}

class Dendrite {
  constructor(parent, scene, arrays, camera, smooth) {
    this.scene = scene;
    this.camera = camera;
    this.canvas = element("canvas", { parent });
    this.over = element("canvas", { parent, className: "over" });
    this.pieces = arrays[scene.pieces];
    this.compartment = arrays[scene.compartment];
    this.of = (name) => arrays[scene[name]];
    this.quantities = scene.quantities.map((quantity) => this.prepared(quantity, arrays));
    this.selected = -1;
    this.textures = [];
    this.measure();
    this.gl = this.canvas.getContext("webgl2", { antialias: smooth, alpha: false });
    if (!this.gl) throw new Error("This browser has no WebGL2, which the dendrite is drawn by.");
    this.compile();
  }

  /** Add to a quantity its samples, the column of each compartment, and a table of colors. */
  prepared(quantity, arrays) {
    const columns = new Int32Array(this.scene.n_compartments).fill(-1);
    arrays[quantity.columns].forEach((compartment, column) => { columns[compartment] = column; });
    return { ...quantity, samples: arrays[quantity.values], columns, limits: [...quantity.limits] };
  }

  /** Find the middle and the extent of the cell. */
  measure() {
    const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
    for (let i = 0; i < this.pieces.length; i += PIECE_FLOATS / 2) {
      const radius = this.pieces[i + 3] / 2;
      for (let axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], this.pieces[i + axis] - radius);
        high[axis] = Math.max(high[axis], this.pieces[i + axis] + radius);
      }
    }
    this.middle = low.map((value, axis) => (value + high[axis]) / 2);
    this.extent = low.map((value, axis) => high[axis] - value);
  }

  compile() {
    const gl = this.gl, program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) {
        throw new Error(`A shader does not compile: ${gl.getShaderInfoLog(shader)}`);
      }
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    this.texels = new Uint8Array(padded(this.scene.n_compartments));
    this.texture(0, gl.R8, gl.RED, gl.UNSIGNED_BYTE, this.texels);
    const pieces = new Float32Array(4 * padded(this.pieces.length / 4));
    pieces.set(this.pieces);
    this.texture(2, gl.RGBA32F, gl.RGBA, gl.FLOAT, pieces);
    const compartments = new Uint32Array(padded(this.compartment.length));
    compartments.set(this.compartment);
    this.texture(3, gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT, compartments);
    this.uniform = (name) => gl.getUniformLocation(program, name);
    ["values", "colors", "pieces", "compartments"].forEach(
      (name, unit) => gl.uniform1i(this.uniform(name), unit));
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.SAMPLE_ALPHA_TO_COVERAGE);
  }

  /** Fill the texture of a unit, which is made when it is first used. */
  texture(unit, format, channels, type, data, width = TEXTURE_WIDTH) {
    const gl = this.gl, per = channels === gl.RGBA ? 4 : channels === gl.RGB ? 3 : 1;
    gl.activeTexture(gl.TEXTURE0 + unit);
    if (!this.textures[unit]) {
      this.textures[unit] = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, this.textures[unit]);
      for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
        gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
      }
    }
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, format, width, data.length / (per * width), 0, channels, type, data);
  }

  /** Show a quantity with limits: one color index for each quantized value. */
  show(key, limits) {
    this.quantity = this.quantities.find((quantity) => quantity.key === key) ?? this.quantities[0];
    this.quantity.limits = limits;
    const { samples, logarithmic } = this.quantity;
    const scale = logarithmic ? Math.log10 : (value) => value;
    const [low, high] = limits.map(scale);
    this.indices = new Uint8Array(NOT_RECORDED + 1).fill(MISSING);
    for (let steps = 0; steps < NOT_RECORDED; steps++) {
      const value = samples.origin + samples.step * steps;
      this.indices[steps] = Math.round(254 * Math.min(1, Math.max(0, (value - low) / (high - low))));
    }
  }

  /** Set the colors, 256 RGB triples, of which a dark ground shows the lighter part only. */
  paint(map, dark) {
    const [first, last] = dark ? [52, 255] : [0, 240];
    this.map = new Uint8Array(map.length);
    for (let i = 0; i < 256; i++) {
      const from = 3 * Math.round(first + (last - first) * i / 255);
      for (let channel = 0; channel < 3; channel++) this.map[3 * i + channel] = map[from + channel];
    }
    const { gl } = this;
    this.texture(1, gl.RGB8, gl.RGB, gl.UNSIGNED_BYTE, this.map, 256);
    this.dark = dark;
  }

  row(time) {
    const { start, step, n } = this.quantity;
    return Math.min(n - 1, Math.max(0, step ? Math.round((time - start) / step) : 0));
  }

  /** Return pixels per micrometer and the shift of the middle, in CSS pixels. */
  frame() {
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    const fit = Math.min((width - BAR_PX - 24) / this.extent[0], (height - 40) / this.extent[1]);
    const pixels = Math.max(fit, 1e-6) * this.camera.zoom;
    const shift = [this.camera.x * width - BAR_PX / 2 + 6, this.camera.y * height];
    return { width, height, pixels, shift };
  }

  draw(time) {
    const gl = this.gl, { width, height, pixels, shift } = this.frame();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) {
      [this.canvas.width, this.canvas.height] = size;
    }
    const { samples, columns } = this.quantity, first = this.row(time) * samples.columns;
    for (let c = 0; c < columns.length; c++) {
      this.texels[c] = columns[c] < 0 ? MISSING : this.indices[samples.data[first + columns[c]]];
    }
    gl.viewport(0, 0, ...size);
    gl.clearColor(...(this.dark ? [0.051, 0.059, 0.071] : [1, 1, 1]), 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.texture(0, gl.R8, gl.RED, gl.UNSIGNED_BYTE, this.texels);
    const scale = pixels * ratio, turn = this.camera.rotation();
    gl.uniformMatrix3fv(this.uniform("turn"), true, turn.flat());
    gl.uniform3fv(this.uniform("middle"), this.middle);
    gl.uniform2fv(this.uniform("shift"), shift.map((value) => value * ratio));
    gl.uniform2fv(this.uniform("size"), size);
    gl.uniform1f(this.uniform("pixels"), scale);
    gl.uniform1f(this.uniform("thinnest"), THINNEST_PX * ratio);
    gl.uniform1f(this.uniform("least"), gl.getContextAttributes().antialias ? 0 : 0.5);
    gl.uniform1f(this.uniform("depth"), 1.05 * scale * Math.hypot(...this.extent));
    gl.uniform3fv(this.uniform("missing"), this.dark ? [0.35, 0.37, 0.4] : [0.75, 0.75, 0.75]);
    gl.drawArrays(gl.TRIANGLES, 0, 3 * this.compartment.length);
  }

  /** Return the place on the canvas, in CSS pixels from the upper left, and height of a point. */
  project(point, { width, height, pixels, shift } = this.frame()) {
    const from = point.map((value, axis) => value - this.middle[axis]);
    const [x, y, z] = this.camera.rotation().map(
      (row) => pixels * (row[0] * from[0] + row[1] * from[1] + row[2] * from[2]));
    return [width / 2 + x + shift[0], height / 2 - y - shift[1], z];
  }

  /** Return the compartment at a place of the canvas, or -1: the nearest, then the frontmost. */
  pick(x, y, tolerance = 8) {
    const frame = this.frame();
    let found = -1, best = [tolerance, -Infinity];
    for (let i = 0; i < this.compartment.length; i++) {
      const [start, end] = [this.end(i, 0), this.end(i, 1)];
      const a = this.project(start, frame), b = this.project(end, frame);
      const along = [b[0] - a[0], b[1] - a[1]], square = along[0] ** 2 + along[1] ** 2;
      const t = square && Math.min(1, Math.max(0,
        ((x - a[0]) * along[0] + (y - a[1]) * along[1]) / square));
      const radius = frame.pixels * (this.pieces[8 * i + 3] * (1 - t) + this.pieces[8 * i + 7] * t) / 2;
      const off = Math.max(0, Math.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1]) - radius);
      const front = a[2] * (1 - t) + b[2] * t + radius;
      if (off < best[0] || (off === best[0] && front > best[1])) {
        [found, best] = [this.compartment[i], [off, front]];
      }
    }
    return found;
  }

  end(piece, which) {
    const from = PIECE_FLOATS * piece + 4 * which;
    return [...this.pieces.subarray(from, from + 3)];
  }

  /** Return the middle of a compartment in micrometers: that of its middle piece. */
  position(compartment) {
    const first = this.compartment.indexOf(compartment);
    const last = this.compartment.lastIndexOf(compartment);
    const start = this.end(first, 0), end = this.end(last, 1);
    return start.map((value, axis) => (value + end[axis]) / 2);
  }

  /** Return the name of a compartment: section, position, region, distance and diameter. */
  describe(compartment) {
    const section = this.scene.sections[this.of("section")[compartment]];
    const x = this.of("x")[compartment], region = this.scene.regions[this.of("region")[compartment]];
    const distance = this.of("distance_um")[compartment];
    const diameter = this.of("diameter_um")[compartment];
    return {
      name: `${section}(${asText(x, 3)})`,
      text: `${region === "ais" ? "axon initial segment" : region}, ` +
        `${asText(distance)} µm from the soma along the dendrite, diameter ${asText(diameter)} µm`,
    };
  }

  /** Return the shown quantity of a compartment as a series over time; null if not recorded. */
  series(compartment) {
    const { samples, columns, start, step, n } = this.quantity, column = columns[compartment];
    if (column < 0) return null;
    return { ...timed(n, start, step || 1), value: (i) => samples.at(i, column) };
  }
}

/** Return whether WebGL2 is computed by the processor, where smooth edges double the time of a picture. */
function drawsInSoftware() {
  const gl = document.createElement("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|softpipe|basic render/i.test(renderer);
}

/** Return a number of texels in whole rows. */
function padded(n) { return TEXTURE_WIDTH * Math.ceil(n / TEXTURE_WIDTH); }
