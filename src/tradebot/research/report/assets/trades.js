// The table of trades: sorted by any column, a page at a time; a row shows its trade in the chart.

const ROWS = 20;

function tradeTable(trades, markets, view) {
  const table = document.getElementById("trades");
  if (!table) return;
  const price = (i) => markets[trades.market[i]].digits;
  const signed = (value, text) => `<span class="${value > 0 ? "gain" : value < 0 ? "loss" : ""}">${text}</span>`;
  const columns = [
    ["#", "number", (i) => trades.number[i]],
    ...(markets.length > 1 ? [["Market", "market", (i) => escapeText(markets[trades.market[i]].symbol)]] : []),
    ["Side", "side", (i) => (trades.side[i] > 0 ? "long" : "short")],
    ["Quantity", "quantity", (i) => formatNumber(trades.quantity[i], trades.digits.quantity)],
    ["Entry", "entryTime", (i) => formatTime(trades.entryTime[i])],
    ["Entry price", "entryPrice", (i) => formatNumber(trades.entryPrice[i], price(i))],
    ["Exit", "exitTime", (i) => formatTime(trades.exitTime[i])],
    ["Exit price", "exitPrice", (i) => formatNumber(trades.exitPrice[i], price(i))],
    ["Net profit", "pnl", (i) => signed(trades.pnl[i], formatNumber(trades.pnl[i], trades.digits.money))],
    ["Return", "earned", (i) => signed(trades.earned[i], formatPercent(trades.earned[i]))],
    ["Fees", "fees", (i) => formatNumber(trades.fees[i], trades.digits.money)],
    ["Bars", "bars", (i) => formatNumber(trades.bars[i], 0)],
    ...(trades.tags.some(Boolean) ? [["Exit by", "tag", (i) => escapeText(trades.tags[trades.tag[i]] ?? "")]] : []),
  ];
  const rows = [...trades.number.keys()];
  let key = "number", falling = false, page = 0;

  const sort = (by, down) => {
    key = by; falling = down; page = 0;
    const column = trades[by];
    rows.sort((a, b) => (falling ? column[b] - column[a] : column[a] - column[b]) || a - b);
    render();
  };

  function render() {
    const pages = Math.max(Math.ceil(rows.length / ROWS), 1);
    const head = columns.map(([label, by]) => `<th scope="col" data-by="${by}"${by === key ? ` aria-sort="${falling ? "descending" : "ascending"}"` : ""}>${label}</th>`).join("");
    const body = rows.slice(page * ROWS, (page + 1) * ROWS).map((i) =>
      `<tr data-row="${i}" aria-selected="${i === view.selected}">${columns.map(([, , write], place) => (place ? `<td>${write(i)}</td>` : `<th scope="row">${write(i)}</th>`)).join("")}</tr>`).join("");
    table.innerHTML = `<thead><tr>${head}</tr></thead><tbody>${body}</tbody>`;
    const from = rows.length ? page * ROWS + 1 : 0;
    document.getElementById("page").textContent = `${formatNumber(from, 0)}–${formatNumber(Math.min((page + 1) * ROWS, rows.length), 0)} of ${formatNumber(rows.length, 0)}`;
    document.getElementById("back").disabled = page === 0;
    document.getElementById("forth").disabled = page >= pages - 1;
  }

  table.addEventListener("click", (event) => {
    const head = event.target.closest("th[data-by]"), row = event.target.closest("tr[data-row]");
    if (head) sort(head.dataset.by, head.dataset.by === key ? !falling : ["pnl", "earned"].includes(head.dataset.by));
    else if (row) { showTrade(Number(row.dataset.row)); render(); }
  });
  document.getElementById("back").addEventListener("click", () => { page -= 1; render(); });
  document.getElementById("forth").addEventListener("click", () => { page += 1; render(); });
  const orders = { first: ["number", false], last: ["number", true], best: ["pnl", true], worst: ["pnl", false] };
  for (const button of document.querySelectorAll("[data-order]")) button.addEventListener("click", () => sort(...orders[button.dataset.order]));

  function showTrade(i) {
    const choice = document.getElementById("market");
    view.selected = i; view.market = trades.market[i];
    if (choice) choice.value = String(view.market);
    const room = Math.max((trades.exitX[i] - trades.entryX[i]) * 2, 40);
    view.show(trades.entryX[i] - room, trades.exitX[i] + room);
    document.getElementById("charts").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }
  render();
}
