// Canvases that share one stretch of the time axis: drawing surface, grid, crosshair, and the hands that move them.

const GUTTER = 66, FOOT = 22;

class View {
  constructor(steps, times) {
    this.last = Math.max(steps - 1, 1);
    this.times = times;
    this.from = -0.5; this.to = this.last + 0.5;
    this.hover = null; this.selected = -1; this.market = 0;
    this.panes = [];
  }
  timeOf(x) { return interpolate(this.times.steps, this.times.seconds, x); }
  stepOf(seconds) { return interpolate(this.times.seconds, this.times.steps, seconds); }
  show(from, to) {
    const width = Math.min(Math.max(to - from, Math.min(8, this.last)), this.last + 1);
    const start = Math.min(Math.max((from + to - width) / 2, -0.5), this.last + 0.5 - width);
    this.from = start; this.to = start + width;
    this.redraw();
  }
  zoom(factor, around = (this.from + this.to) / 2) { this.show(around - (around - this.from) * factor, around + (this.to - around) * factor); }
  pan(steps) { this.show(this.from + steps, this.to + steps); }
  all() { this.show(-0.5, this.last + 0.5); }
  point(x) { this.hover = x; this.redraw(); }
  redraw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; for (const pane of this.panes) pane.draw(); });
  }
}

class Pane {
  // paint(pane) gives {low, high, digits, percent} after measuring, and draws in its second step.
  constructor(id, view, chart, withTimes) {
    this.figure = document.getElementById(id);
    this.canvas = this.figure.querySelector("canvas");
    this.caption = this.figure.querySelector("figcaption");
    this.ctx = this.canvas.getContext("2d");
    this.view = view; this.chart = chart; this.foot = withTimes ? FOOT : 6;
    view.panes.push(this);
    new ResizeObserver(() => view.redraw()).observe(this.canvas);
    follow(this);
  }
  get plotWidth() { return Math.max(this.width - GUTTER, 1); }
  get plotHeight() { return Math.max(this.height - this.foot, 1); }
  X(step) { return ((step - this.view.from) / (this.view.to - this.view.from)) * this.plotWidth; }
  step(x) { return this.view.from + (x / this.plotWidth) * (this.view.to - this.view.from); }
  Y(value) { return this.plotHeight * (1 - (value - this.low) / (this.high - this.low)); }
  color(name) { return this.style.getPropertyValue("--" + name).trim(); }

  draw() {
    const ratio = window.devicePixelRatio || 1, box = this.canvas.getBoundingClientRect();
    this.width = box.width; this.height = box.height;
    if (!this.width) return;
    this.canvas.width = Math.round(box.width * ratio); this.canvas.height = Math.round(box.height * ratio);
    this.style = getComputedStyle(document.documentElement);
    const ctx = this.ctx;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.font = "11.5px " + getComputedStyle(document.body).fontFamily;
    const range = this.chart.measure(this);
    const room = (range.high - range.low || Math.abs(range.high) || 1) * 0.07;
    this.low = range.low - room; this.high = range.high + (range.flush ? 0 : room);
    this.grid(range);
    ctx.save();
    ctx.beginPath(); ctx.rect(0, 0, this.plotWidth, this.plotHeight); ctx.clip();
    this.chart.paint(this);
    this.crosshair();
    ctx.restore();
    this.caption.innerHTML = this.chart.legend(this);
  }

  grid(range) {
    const ctx = this.ctx;
    ctx.lineWidth = 1; ctx.strokeStyle = this.color("line"); ctx.fillStyle = this.color("soft");
    ctx.textBaseline = "middle"; ctx.textAlign = "left";
    for (const tick of valueTicks(this.low, this.high, Math.max(this.plotHeight / 56, 3))) {
      const y = Math.round(this.Y(tick)) + 0.5;
      if (y < 8) continue;
      ctx.beginPath(); ctx.moveTo(0, y); ctx.lineTo(this.plotWidth, y); ctx.stroke();
      ctx.fillText(range.label(tick), this.plotWidth + 8, y);
    }
    if (this.foot < FOOT) return;
    ctx.textAlign = "center";
    let taken = -Infinity;
    for (const tick of timeTicks(this.view.timeOf(this.view.from), this.view.timeOf(this.view.to), this.plotWidth / 90)) {
      const x = this.X(this.view.stepOf(tick));
      if (x < taken + 46 || x < 14 || x > this.plotWidth - 14) continue;
      ctx.fillText(tickLabel(tick), x, this.plotHeight + 13);
      taken = x;
    }
  }

  crosshair() {
    if (this.view.hover === null) return;
    const x = Math.round(this.X(this.view.hover)) + 0.5, ctx = this.ctx;
    ctx.strokeStyle = this.color("soft"); ctx.lineWidth = 1; ctx.setLineDash([3, 3]);
    ctx.beginPath(); ctx.moveTo(x, 0); ctx.lineTo(x, this.plotHeight); ctx.stroke();
    ctx.setLineDash([]);
  }
}

// Mouse, touch and keys on one pane move the view they all share.
function follow(pane) {
  const { canvas, view } = pane, held = new Map();
  const at = (event) => event.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); held.set(event.pointerId, at(event)); });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => held.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => view.point(null));
  canvas.addEventListener("pointermove", (event) => {
    const x = at(event), before = held.get(event.pointerId);
    if (before === undefined) return view.point(Math.min(Math.max(Math.round(pane.step(x)), 0), view.last));
    const other = [...held].find(([id]) => id !== event.pointerId);
    if (other) {
      const [, anchor] = other, spread = Math.abs(before - anchor), now = Math.abs(x - anchor);
      if (spread > 10 && now > 10) view.zoom(spread / now, pane.step((x + anchor) / 2));
    } else {
      view.pan(pane.step(before) - pane.step(x));
    }
    held.set(event.pointerId, x);
  });
  canvas.addEventListener("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !sideways) return;
    event.preventDefault();
    if (sideways) view.pan((event.deltaX / pane.plotWidth) * (view.to - view.from));
    else view.zoom(Math.exp(Math.max(-50, Math.min(50, event.deltaY)) * 0.006), pane.step(at(event)));
  }, { passive: false });
  canvas.addEventListener("dblclick", () => view.all());
  canvas.addEventListener("keydown", (event) => {
    const tenth = (view.to - view.from) / 10;
    const moves = { ArrowLeft: () => view.pan(-tenth), ArrowRight: () => view.pan(tenth), "+": () => view.zoom(0.7), "=": () => view.zoom(0.7), "-": () => view.zoom(1 / 0.7), 0: () => view.all() };
    if (!moves[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    moves[event.key]();
  });
}
