// Unpacks the run and puts the charts and the table of trades to work.

const data = JSON.parse(document.getElementById("data").textContent);
const [times, curve, trades, ...markets] = await Promise.all([data.times, data.curve, data.trades, ...data.markets].map(unpackAll));
const view = new View(data.steps, times);

if (markets.length) new Pane("price", view, new PriceChart(markets, trades), true);
new Pane("equity", view, new CurveChart(curve.x, [
  { name: "Equity", column: curve.equity, color: "accent", width: 1.6 },
  { name: "Buy and hold", column: curve.hold, color: "hold", width: 1.2 },
]), false);
new Pane("drawdown", view, new CurveChart(curve.x, [
  { name: "Drawdown", column: curve.drawdown, color: "loss", width: 1.2, fill: { to: 0, alpha: 0.16 } },
], { percent: true, top: 0 }), true);

document.getElementById("market")?.addEventListener("change", (event) => { view.market = Number(event.target.value); view.redraw(); });
for (const button of document.querySelectorAll("[data-days]")) {
  const days = Number(button.dataset.days);
  button.hidden = days > 0 && view.timeOf(view.last) - view.timeOf(0) < days * DAY;
  button.addEventListener("click", () => {
    if (!days) return view.all();
    const end = view.timeOf(Math.min(view.to, view.last));
    view.show(view.stepOf(end - days * DAY), view.stepOf(end));
  });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view.redraw());
tradeTable(trades, markets, view);
view.redraw();
