// A network: interneurons and climbing fibers as dots, gap junctions as lines, and of the chosen
// interneuron the tree with its synapses and gap junctions.

const X_STEPS = 255, DENDRITES = 12, PROXIMAL = 4;
const DOT_PX = { MLI1: 4.5, MLI2: 5.5, CF: 4 };
const SPREAD = 0.42;                     // angle between dendrites of the drawing, in radians

class NetworkView {
  constructor(left, right, scene, arrays, page) {
    Object.assign(this, { scene, arrays, page, box: left });
    this.canvas = element("canvas", { parent: left });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Interneurons, climbing fibers and gap junctions");
    this.key = element("p", { parent: left.parentElement, className: "picked" });
    this.detail = element("div", { parent: right });
    this.populations = scene.populations;
    this.first = arrays[scene.n_synapses].reduce((sums, n) => [...sums, sums.at(-1) + n], [0]);
    this.gaps = this.readGaps();
    this.nodes = this.readNodes();
    const mli = this.nodes.filter(({ population }) => population !== "CF");
    this.chosen = mli.reduce((best, node) => (node.degree > best.degree ? node : best)).gid;
    left.addEventListener("pointerdown", (event) => {
      const area = left.getBoundingClientRect();
      const gid = this.pick(event.clientX - area.left, event.clientY - area.top);
      if (gid >= 0) this.choose(gid);
    });
  }

  populationOf(gid) {
    return this.populations.find(({ first, n }) => gid >= first && gid < first + n);
  }

  nameOf(gid) {
    const population = this.populationOf(gid);
    return `${population.name}[${gid - population.first}]`;
  }

  readGaps() {
    const { gaps, gap_x: places } = this.scene, [a, b] = [this.arrays[gaps.gid_a], this.arrays[gaps.gid_b]];
    const column = (index) => this.arrays[index];
    return [...a].map((gid, k) => ({
      gids: [gid, b[k]],
      dendrites: [column(gaps.dendrite_a)[k], column(gaps.dendrite_b)[k]],
      xs: [column(places.x_a)[k] / X_STEPS, column(places.x_b)[k] / X_STEPS],
    }));
  }

  readNodes() {
    const nodes = [];
    for (const [name, index] of Object.entries(this.scene.places)) {
      const { first, n } = this.populations.find((population) => population.name === name);
      const places = this.arrays[index];
      for (let k = 0; k < n; k++) {
        nodes.push({ gid: first + k, population: name, at: [places[2 * k], places[2 * k + 1]], degree: 0 });
      }
    }
    this.nodeOf = new Map(nodes.map((node) => [node.gid, node]));
    for (const { gids } of this.gaps) gids.forEach((gid) => { this.nodeOf.get(gid).degree += 1; });
    return nodes;
  }

  place({ at: [x, y] }) {
    const width = this.box.clientWidth, height = this.box.clientHeight;
    const radius = Math.min(width, height) / 2 - 14;
    return [width / 2 + radius * x, height / 2 + radius * y];
  }

  pick(x, y) {
    let found = -1, nearest = 16;
    for (const node of this.nodes) {
      const [left, top] = this.place(node), off = Math.hypot(left - x, top - y);
      if (off < nearest) [found, nearest] = [node.gid, off];
    }
    return found;
  }

  choose(gid) {
    this.chosen = gid;
    this.draw();
  }

  /** Step to the next or previous cell of the same population. */
  step(by) {
    const { first, n } = this.populationOf(this.chosen);
    this.choose(first + (this.chosen - first + by + n) % n);
  }

  /** Return the synapses onto a cell; none for fibers, which are no targets. */
  synapsesOf(gid) {
    const found = [], column = (name) => this.arrays[this.scene[name]];
    for (let k = this.first[gid] ?? 0; k < (this.first[gid + 1] ?? 0); k++) {
      found.push({
        source: column("source")[k], dendrite: column("dendrite")[k], x: column("x")[k] / X_STEPS,
      });
    }
    return found;
  }

  /** Return the interneurons onto which a cell or fiber makes synapses, with their numbers. */
  targetsOf(gid) {
    const source = this.arrays[this.scene.source], targets = new Map();
    for (let target = 0, k = 0; target < this.first.length - 1; target++) {
      for (; k < this.first[target + 1]; k++) {
        if (source[k] === gid) targets.set(target, (targets.get(target) ?? 0) + 1);
      }
    }
    return targets;
  }

  draw() {
    this.synapses = this.synapsesOf(this.chosen);
    this.coupled = this.gaps.filter(({ gids }) => gids.includes(this.chosen));
    this.drawCells();
    this.describe();
    const own = this.nameOf(this.chosen);
    this.key.textContent =
      `Disks: MLI1 within, MLI2 around them; squares: CF. Gray lines: gap junctions. Thick lines: gap ` +
      `junctions of ${own}; thin colored lines: its synapses. Click a cell to choose it.`;
  }

  drawCells() {
    const { ink } = this.page, context = fittedContext(this.canvas, this.box.clientWidth, this.box.clientHeight);
    context.font = `12px ${ink.font}`;
    const line = (from, to, color, width, alpha) => {
      Object.assign(context, { strokeStyle: color, lineWidth: width, globalAlpha: alpha });
      context.beginPath();
      context.moveTo(...this.place(this.nodeOf.get(from)));
      context.lineTo(...this.place(this.nodeOf.get(to)));
      context.stroke();
    };
    for (const { gids } of this.gaps) line(...gids, ink.soft, 0.8, 0.4);
    for (const source of new Set(this.synapses.map((synapse) => synapse.source))) {
      const node = this.nodeOf.get(source);
      if (node) line(source, this.chosen, ink.color(node.population), 1, 0.75);
    }
    if (this.populationOf(this.chosen).name === "CF") {
      for (const target of this.targetsOf(this.chosen).keys()) line(this.chosen, target, ink.color("CF"), 1, 0.75);
    }
    for (const { gids } of this.coupled) line(...gids, ink.color("level"), 3, 1);
    context.globalAlpha = 1;
    for (const node of this.nodes) {
      const [x, y] = this.place(node), radius = DOT_PX[node.population];
      context.fillStyle = ink.color(node.population);
      context.beginPath();
      if (node.population === "CF") context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      else context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      if (node.gid === this.chosen) {
        Object.assign(context, { strokeStyle: ink.cursor, lineWidth: 3 });
        context.beginPath();
        context.arc(x, y, radius + 5, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  describe() {
    const { ink } = this.page, gid = this.chosen, population = this.populationOf(gid);
    this.tree = null;
    this.detail.replaceChildren();
    element("h2", { parent: this.detail, text: this.nameOf(gid) });
    const key = element("div", { parent: this.detail, className: "legend" });
    const sign = (color, text, className) => {
      const item = element("span", { parent: key });
      element("i", { parent: item, className }).style.background = ink.color(color);
      item.append(text);
    };
    if (population.name === "CF") {
      this.describeFiber(gid);
      return;
    }
    for (const { name } of this.populations) sign(name, `${name} synapse`, "dot");
    sign("level", "gap junction", "gap");
    this.tree = element("canvas", { parent: this.detail });
    this.tree.setAttribute("role", "img");
    this.tree.setAttribute("aria-label", `Synapses and gap junctions on ${this.nameOf(gid)}`);
    this.describeSynapses(population.name);
    this.drawTree();
  }

  describeSynapses(own) {
    const rows = this.populations.map(({ name }) => {
      const found = this.synapses.filter(({ source }) => this.populationOf(source).name === name);
      const of = this.scene.connections.find(({ source, target }) => source === name && target === own);
      const mean = of ? `${asText(of.mean)} ± ${asText(of.sd)}` : "–";
      const em = of && of.em !== null ? asText(of.em) : "–";
      return [name, found.length, new Set(found.map(({ source }) => source)).size, mean, em];
    });
    const heads = ["Source", "Synapses", "Source cells", `Mean ± SD of ${own}`, "EM, mean"];
    addTable(this.detail, heads, rows);
    const partners = this.coupled.map(({ gids }) => this.nameOf(gids.find((gid) => gid !== this.chosen)));
    const text = partners.length ? `Gap junctions with ${partners.join(", ")}.` : "No gap junctions.";
    element("p", { parent: this.detail, className: "facts", text });
    element("p", {
      parent: this.detail, className: "facts",
      text: "EM: of complete cells; synapses from MLIs and CFs are those among reconstructed cells only. " +
        "Tree: soma and twelve dendrites, lengths to scale, angles of the drawing only.",
    });
  }

  describeFiber(gid) {
    const targets = [...this.targetsOf(gid)].map(([target, n]) => [this.nameOf(target), n]);
    addTable(this.detail, ["Target", "Synapses"], targets);
    const fiber = gid - this.populationOf(gid).first;
    const levels = this.scene.cf_levels.map(({ level, times }) => {
      const time = this.arrays[times][fiber];
      return [level, Number.isNaN(time) ? "silent" : `${asText(time, 4)} ms`];
    });
    addTable(this.detail, ["CF synchrony level", "Spike"], levels);
  }

  /** Draw the chosen interneuron: soma upright, dendrites 0 and 1 at its 0-end, 2 and 3 at its 1-end. */
  drawTree() {
    if (!this.tree) return;
    const { ink } = this.page, { shape } = this.scene, width = this.detail.clientWidth;
    const [length, diameter] = shape.soma_um, distal = shape.distal_um[this.populationOf(this.chosen).name];
    const reach = shape.proximal_um + distal + length / 2, height = Math.min(420, 0.9 * width);
    const scale = Math.min((width / 2 - 24) / (reach * 0.9), (height / 2 - 16) / (reach * 0.88));
    this.tree.style.height = `${height}px`;
    this.tree.style.width = "100%";
    const context = fittedContext(this.tree, width, height);
    context.font = `12px ${ink.font}`;
    context.translate(width / 2, height / 2);
    const dendrites = this.layTree(length, shape.proximal_um, distal, scale);
    context.strokeStyle = context.fillStyle = ink.soft;
    context.lineWidth = 2;
    context.lineCap = "round";
    for (const { from, to } of dendrites) {
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    }
    const [tall, wide] = [length * scale, Math.max(diameter * scale, 8)];
    context.beginPath();
    context.ellipse(0, 0, wide / 2, tall / 2, 0, 0, 2 * Math.PI);
    context.fill();
    this.synapses.forEach(({ source, dendrite, x }, k) => {
      const { name } = this.populationOf(source), small = name === "PF";
      const aside = (small ? 4 + 3 * (k % 3) : 5) * (k % 2 ? 1 : -1);
      dot(context, pointOn(dendrites[dendrite], x, aside), small ? 1.6 : 3.6, ink.color(name), ink.field);
    });
    for (const { gids, dendrites: on, xs } of this.coupled) {
      const side = gids.indexOf(this.chosen);
      const [x, y] = pointOn(dendrites[on[side]], xs[side], 0);
      context.fillStyle = ink.color("level");
      context.beginPath();
      [[0, -7], [7, 0], [0, 7], [-7, 0]].forEach(([dx, dy]) => context.lineTo(x + dx, y + dy));
      context.fill();
    }
    context.fillStyle = ink.text;
    context.fillRect(-width / 2 + 8, height / 2 - 10, 50 * scale, 2.5);
    context.fillText("50 µm", -width / 2 + 8, height / 2 - 16);
  }

  layTree(soma, proximal, distal, scale) {
    const dendrites = [], polar = ([x, y], angle, length) =>
      [x + scale * length * Math.sin(angle), y - scale * length * Math.cos(angle)];
    for (let k = 0; k < PROXIMAL; k++) {
      const up = k >= PROXIMAL / 2, side = k % 2 ? 1 : -1;
      const angle = up ? side * 2 * SPREAD : Math.PI - side * 2 * SPREAD;
      const from = [0, (up ? -1 : 1) * scale * soma / 2];
      dendrites[k] = { from, to: polar(from, angle, proximal), angle };
    }
    for (let k = PROXIMAL; k < DENDRITES; k++) {
      const parent = dendrites[Math.floor((k - PROXIMAL) / 2)], side = k % 2 ? 1 : -1;
      const angle = parent.angle + side * SPREAD;
      dendrites[k] = { from: parent.to, to: polar(parent.to, angle, distal), angle };
    }
    return dendrites;
  }
}

function pointOn({ from, to }, x, aside) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]], length = Math.hypot(dx, dy) || 1;
  return [from[0] + x * dx - aside * dy / length, from[1] + x * dy + aside * dx / length];
}

function dot(context, [x, y], radius, color, edge) {
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  if (radius < 3) return;
  const width = context.lineWidth;
  Object.assign(context, { strokeStyle: edge, lineWidth: 1 });
  context.stroke();
  context.lineWidth = width;
}

function addTable(parent, heads, rows) {
  const table = element("table", { parent });
  const head = element("tr", { parent: element("thead", { parent: table }) });
  heads.forEach((text) => element("th", { parent: head, text, scope: "col" }));
  const body = element("tbody", { parent: table });
  for (const cells of rows) {
    const row = element("tr", { parent: body });
    cells.forEach((cell) => element("td", { parent: row, text: String(cell) }));
  }
}
