// What lies over the dendrite: color bar, scale bar, axes and the mark of the chosen compartment.

const BAR_WIDTH = 12, AXIS_PX = 22;

function drawOverlay(dendrite, ink) {
  const frame = dendrite.frame(), { width, height } = frame;
  const context = fittedContext(dendrite.over, width, height);
  context.font = `12px ${ink.font}`;
  context.fillStyle = context.strokeStyle = ink.text;
  context.lineWidth = 1;
  drawColorBar(context, dendrite, width, height, ink);
  drawScaleBar(context, frame, ink);
  drawAxes(context, dendrite.camera, width, height, ink);
  if (dendrite.selected >= 0) drawMark(context, dendrite, frame, ink);
}

/** Draw the color bar at the right, with its ticks and the quantity above it. */
function drawColorBar(context, dendrite, width, height, ink) {
  const { limits, logarithmic, label, unit } = dendrite.quantity;
  const scale = logarithmic ? Math.log10 : (value) => value;
  const [low, high] = limits.map(scale);
  const length = Math.min(0.5 * height, 260), right = width - 14, top = 46, left = right - BAR_WIDTH;
  for (let y = 0; y < length; y++) {
    const index = Math.round(255 * (1 - y / Math.max(length - 1, 1)));
    context.fillStyle = `rgb(${dendrite.map.subarray(3 * index, 3 * index + 3).join(" ")})`;
    context.fillRect(left, top + y, BAR_WIDTH, 1.5);
  }
  context.strokeStyle = ink.soft;
  context.strokeRect(left - 0.5, top - 0.5, BAR_WIDTH + 1, length + 1);
  context.fillStyle = ink.text;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of logarithmic ? logTicks(...limits) : roundTicks(...limits, length / 45)) {
    const y = top + length * (1 - (scale(tick) - low) / (high - low));
    context.fillRect(left - 4, y - 0.5, 4, 1);
    context.fillText(asText(tick), left - 7, y);
  }
  context.fillText(`${label}`, right, 14);
  context.fillText(unit === "1" ? "" : `(${unit})`, right, 30);
}

/** Return 1, 2 and 5 times powers of ten within limits, or fewer over several decades. */
function logTicks(low, high) {
  const factors = high / low > 300 ? [1] : high / low > 30 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(6));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

function drawScaleBar(context, { pixels, height }, ink) {
  const power = 10 ** Math.floor(Math.log10(130 / pixels));
  const length = power * [5, 2, 1].find((factor) => factor * power * pixels <= 130);
  context.fillStyle = ink.text;
  context.fillRect(14, height - 16, length * pixels, 2.5);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText(`${asText(length)} µm`, 14, height - 19);
}

function drawAxes(context, camera, width, height, ink) {
  const [right, up, front] = camera.rotation(), at = [width - 48, height - 34];
  context.strokeStyle = context.fillStyle = ink.soft;
  context.textAlign = "center";
  context.textBaseline = "middle";
  ["x", "y", "z"].forEach((name, axis) => {
    const [x, y] = [AXIS_PX * right[axis], -AXIS_PX * up[axis]];
    if (Math.abs(front[axis]) > 0.98) return;
    context.beginPath();
    context.moveTo(...at);
    context.lineTo(at[0] + x, at[1] + y);
    context.stroke();
    const stretch = 1 + 9 / Math.max(Math.hypot(x, y), 4);
    context.fillText(name, at[0] + x * stretch, at[1] + y * stretch);
  });
}

function drawMark(context, dendrite, frame, ink) {
  const [x, y] = dendrite.project(dendrite.position(dendrite.selected), frame);
  for (const [style, width] of [[ink.field, 5], [ink.cursor, 2]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
