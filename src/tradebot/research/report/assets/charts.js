// What the panes show: candles with trades on them, equity beside buy and hold, and drawdown.

const escapeText = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

// Candles that become one: multiples that turn minutes into hours and days.
const GROUPS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

class PriceChart {
  constructor(markets, trades) {
    this.markets = markets; this.trades = trades;
    this.ofMarket = markets.map((_, m) => [...trades.market.keys()].filter((i) => trades.market[i] === m).sort((a, b) => trades.entryX[a] - trades.entryX[b]));
  }

  // Candles in view, merged so that each has a few pixels.
  measure(pane) {
    const m = this.markets[pane.view.market], { from, to } = pane.view;
    const first = Math.max(lowerBound(m.x, from) - 1, 0), last = Math.min(lowerBound(m.x, to) + 1, m.x.length);
    const most = pane.plotWidth / 4;
    const needed = (last - first) / most;
    const group = GROUPS.find((g) => g >= needed) ?? Math.ceil(needed / 1440) * 1440;
    this.group = group; this.candles = [];
    let low = Infinity, high = -Infinity;
    for (let g = Math.floor(first / group) * group; g < last; g += group) {
      const end = Math.min(g + group, m.x.length);
      let bottom = Infinity, top = -Infinity;
      for (let i = g; i < end; i++) { if (m.low[i] < bottom) bottom = m.low[i]; if (m.high[i] > top) top = m.high[i]; }
      const next = end < m.x.length ? m.x[end] : m.x[end - 1] + m.merged;
      this.candles.push({ x: (m.x[g] + next - 1) / 2, span: next - m.x[g], first: m.x[g], open: m.open[g], high: top, low: bottom, close: m.close[end - 1] });
      if (bottom < low) low = bottom;
      if (top > high) high = top;
    }
    if (!this.candles.length) { low = 0; high = 1; }
    return { low, high, label: (value) => formatNumber(value, Math.min(m.digits, high - low > 50 ? 0 : m.digits)) };
  }

  paint(pane) {
    const ctx = pane.ctx;
    for (const [name, rising] of [["candle-up", true], ["candle-down", false]]) {
      ctx.fillStyle = pane.color(name);
      for (const c of this.candles) {
        if ((c.close >= c.open) !== rising) continue;
        const x = pane.X(c.x), width = Math.max(1, Math.min(14, (pane.X(c.first + c.span) - pane.X(c.first)) * 0.68));
        const top = pane.Y(Math.max(c.open, c.close)), bottom = pane.Y(Math.min(c.open, c.close));
        ctx.fillRect(x - 0.5, pane.Y(c.high), 1, Math.max(pane.Y(c.low) - pane.Y(c.high), 1));
        ctx.fillRect(x - width / 2, top, width, Math.max(bottom - top, 1));
      }
    }
    this.paintTrades(pane);
  }

  visible(pane) {
    const t = this.trades, { from, to, market } = pane.view;
    return (this.ofMarket[market] ?? []).filter((i) => t.entryX[i] <= to && t.exitX[i] >= from);
  }

  tooMany(pane, count) { return count > pane.plotWidth / 3; }

  paintTrades(pane) {
    const t = this.trades, ctx = pane.ctx, shown = this.visible(pane), crowded = shown.length > pane.plotWidth / 8;
    if (this.tooMany(pane, shown.length)) return this.paintResults(pane, shown);
    ctx.globalAlpha = crowded ? 0.55 : 1;
    for (const i of shown) {
      ctx.strokeStyle = pane.color(t.pnl[i] >= 0 ? "gain" : "loss");
      ctx.lineWidth = i === pane.view.selected ? 3 : crowded ? 1 : 1.5;
      ctx.beginPath();
      ctx.moveTo(pane.X(t.entryX[i]), pane.Y(t.entryPrice[i])); ctx.lineTo(pane.X(t.exitX[i]), pane.Y(t.exitPrice[i]));
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
    const size = crowded ? 2.5 : Math.max(4, Math.min(7, pane.plotWidth / Math.max(shown.length, 1) / 2));
    for (const i of shown) this.marker(pane, i, size);
  }

  // Too many to tell apart: what they earned, summed along the foot of the chart.
  paintResults(pane, shown) {
    const t = this.trades, slot = 4, sums = new Float64Array(Math.ceil(pane.plotWidth / slot) + 1);
    for (const i of shown) sums[Math.max(0, Math.min(sums.length - 1, Math.floor(pane.X(t.exitX[i]) / slot)))] += t.pnl[i];
    const largest = sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 0) || 1;
    sums.forEach((sum, k) => {
      const height = (Math.abs(sum) / largest) * 44;
      pane.ctx.fillStyle = pane.color(sum >= 0 ? "gain" : "loss");
      pane.ctx.fillRect(k * slot, pane.plotHeight - height, slot - 1, height);
    });
  }

  // A triangle where the trade began, pointing its way; a dot where it ended.
  marker(pane, i, size) {
    const t = this.trades, ctx = pane.ctx, up = t.side[i] > 0 ? 1 : -1, s = i === pane.view.selected ? size + 3 : size;
    const x = pane.X(t.entryX[i]), y = pane.Y(t.entryPrice[i]);
    ctx.fillStyle = pane.color(up > 0 ? "long" : "short"); ctx.strokeStyle = pane.color("card"); ctx.lineWidth = 1;
    ctx.beginPath(); ctx.moveTo(x, y - up * s); ctx.lineTo(x + s * 0.85, y + up * s * 0.7); ctx.lineTo(x - s * 0.85, y + up * s * 0.7); ctx.closePath();
    ctx.fill();
    if (size < 4) return;
    ctx.stroke();
    ctx.fillStyle = pane.color(t.pnl[i] >= 0 ? "gain" : "loss");
    ctx.beginPath(); ctx.arc(pane.X(t.exitX[i]), pane.Y(t.exitPrice[i]), s * 0.5, 0, 7); ctx.fill(); ctx.stroke();
  }

  legend(pane) {
    const m = this.markets[pane.view.market], digits = m?.digits ?? 2;
    if (!m) return "";
    const merged = this.group * m.merged;
    const scale = merged > 1 ? `, ${formatNumber(merged, 0)} × ${m.interval} a candle` : ` ${m.interval}`;
    const trades = this.visible(pane).length;
    const crowd = this.tooMany(pane, trades) ? `, ${formatNumber(trades, 0)} trades, their results summed below: zoom in for entries and exits` : "";
    const name = `<b>${escapeText(m.symbol)}</b>${scale}${crowd}`;
    if (pane.view.hover === null) return name;
    const c = this.candles.find((one) => pane.view.hover < one.first + one.span) ?? this.candles.at(-1);
    if (!c) return name;
    const prices = [["O", c.open], ["H", c.high], ["L", c.low], ["C", c.close]].map(([k, v]) => `${k} <b>${formatNumber(v, digits)}</b>`).join(" ");
    return `${name} · ${formatTime(pane.view.timeOf(pane.view.hover))} · ${prices}${this.tradeUnder(pane)}`;
  }

  tradeUnder(pane) {
    const t = this.trades, i = this.visible(pane).findLast((k) => t.entryX[k] <= pane.view.hover && pane.view.hover <= t.exitX[k]);
    if (i === undefined) return "";
    return ` · ${t.side[i] > 0 ? "long" : "short"} #${t.number[i]} <b>${formatPercent(t.earned[i])}</b>`;
  }
}

class CurveChart {
  // lines: [{name, column, color, width, fill}], the first on top.
  constructor(x, lines, { percent = false, top = null } = {}) { this.x = x; this.lines = lines; this.percent = percent; this.top = top; }

  measure(pane) {
    const first = Math.max(lowerBound(this.x, pane.view.from) - 1, 0), last = Math.min(lowerBound(this.x, pane.view.to) + 1, this.x.length);
    let low = Infinity, high = -Infinity;
    for (const { column } of this.lines) {
      for (let i = first; i < last; i++) { if (column[i] < low) low = column[i]; if (column[i] > high) high = column[i]; }
    }
    if (low > high) { low = 0; high = 1; }
    this.first = first; this.last = last;
    if (this.top !== null) { high = this.top; if (low >= high) low = high - 0.01; }
    const small = high - low < (this.percent ? 0.05 : 20);
    return { low, high, flush: this.top !== null, label: (v) => this.percent ? formatPercent(v, small ? 1 : 0) : formatNumber(v, small ? 2 : 0) };
  }

  paint(pane) {
    for (const line of this.lines.toReversed()) this.paintLine(pane, line);
  }

  // Where points crowd a pixel, its lowest and highest are drawn, so no spike is lost.
  paintLine(pane, line) {
    const ctx = pane.ctx, { column } = line;
    ctx.beginPath();
    let pixel = -1, low = 0, high = 0, y = 0, begun = false;
    const flush = () => { if (pixel >= 0 && high > low) { ctx.lineTo(pixel, low); ctx.lineTo(pixel, high); ctx.lineTo(pixel, y); } };
    for (let i = this.first; i < this.last; i++) {
      const at = Math.round(pane.X(this.x[i]) * 2) / 2;
      y = pane.Y(column[i]);
      if (at === pixel) { low = Math.min(low, y); high = Math.max(high, y); continue; }
      flush();
      if (begun) ctx.lineTo(at, y); else ctx.moveTo(at, y);
      pixel = at; low = high = y; begun = true;
    }
    flush();
    ctx.strokeStyle = pane.color(line.color); ctx.lineWidth = line.width; ctx.lineJoin = "round";
    ctx.stroke();
    if (!line.fill || !begun) return;
    ctx.lineTo(pixel, pane.Y(line.fill.to)); ctx.lineTo(pane.X(this.x[this.first]), pane.Y(line.fill.to)); ctx.closePath();
    ctx.globalAlpha = line.fill.alpha; ctx.fillStyle = pane.color(line.color); ctx.fill(); ctx.globalAlpha = 1;
  }

  legend(pane) {
    const last = this.x.length - 1;
    const i = pane.view.hover === null ? last : Math.min(lowerBound(this.x, pane.view.hover), last);
    return this.lines.map(({ name, column, color }) => `<span style="color:var(--${color})">■</span> ${name} <b>${this.percent ? formatPercent(column[i]) : formatNumber(column[i], 2)}</b>`).join(" &nbsp; ");
  }
}
