import type { Fill } from "./columns";

const COLUMNS = ["time", "symbol", "side", "quantity", "price", "fee", "fee_currency", "realized", "order_id", "trade_id", "run_id", "note"] as const;

// A spreadsheet runs what begins with one of these.
const FORMULA = /^[=+@\t\r]/;

function cell(value: string | null | undefined): string {
  const safe = value != null && FORMULA.test(value) ? `'${value}` : (value ?? "");
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Save trades as a CSV file, exact as the API tells them. */
export function downloadCsv(fills: readonly Fill[]): void {
  const lines = [COLUMNS.join(","), ...fills.map((fill) => COLUMNS.map((name) => cell(fill[name])).join(","))];
  const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "trades.csv";
  link.click();
  URL.revokeObjectURL(url);
}
