// Stimuli of the loop in panels: a row of bars for each, and shades below the other panels.

const NEAREST = 24;                      // pixels between stimuli below which they are not shaded
const NARROWEST = 4;                     // pixels below which a shade is a line
const THINNEST = 1.5;

/** Draw a row for each stimulus, with bars while it is on. */
function drawStimuli(panel, context, height) {
  const row = height / panel.stimuli.length, { ink } = panel.page;
  for (const [k, { color, onsets, duration }] of panel.stimuli.entries()) {
    context.fillStyle = ink.color(color);
    onsets.forEach((time) => fillSpan(panel, context, time, duration, k * row + 2, row - 4));
  }
  context.restore();
  context.save();
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [k, { name, color }] of panel.stimuli.entries()) {
    context.fillStyle = ink.color(color);
    context.fillText(name, LEFT - 7, (k + 0.5) * row);
  }
}

/**
 * Shade, below what is drawn, times with stimuli, as long as they can be told apart. What is drawn
 * first lies above, and stimuli that act on later stages of the loop come last.
 */
function shadeStimuli(panel, context, height) {
  const { ink, range: [start, stop] } = panel.page;
  context.globalCompositeOperation = "destination-over";
  for (const { color, onsets, duration } of [...panel.stimuli].reverse()) {
    const shown = onsets.filter((time) => time + duration > start && time < stop);
    if (shown.length * NEAREST > panel.width) continue;
    context.fillStyle = ink.color(color);
    context.globalAlpha = panel.xOf(duration) - panel.xOf(0) < NARROWEST ? 0.6 : 0.2;
    shown.forEach((time) => fillSpan(panel, context, time, duration, 0, height));
  }
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
}

function fillSpan(panel, context, time, duration, top, height) {
  const left = panel.xOf(time);
  context.fillRect(left, top, Math.max(panel.xOf(time + duration) - left, THINNEST), height);
}
