// Columns as the report packs them (packing.py): a base value, a step, and deflated int32 differences.

async function unpack(packed) {
  const values = new Float64Array(packed.count);
  if (!packed.count) return values;
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const differences = new DataView(await new Response(stream).arrayBuffer());
  let whole = 0;
  for (let i = 0; i < packed.count; i++) {
    whole += differences.getInt32(4 * i, true);
    values[i] = packed.base + whole * packed.step;
  }
  return values;
}

const isPacked = (value) => value && typeof value === "object" && typeof value.data === "string";

async function unpackAll(record) {
  const done = await Promise.all(Object.entries(record).map(async ([key, value]) => [key, isPacked(value) ? await unpack(value) : value]));
  return Object.fromEntries(done);
}

// First index whose value is at least x, in a rising column.
function lowerBound(column, x) {
  let low = 0, high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < x) low = middle + 1; else high = middle;
  }
  return low;
}

// Straight line between known points: from is rising, the answer lies on the same stretch of to.
function interpolate(from, to, x) {
  if (!from.length) return NaN;
  const i = Math.min(Math.max(lowerBound(from, x), 1), from.length - 1);
  if (from.length === 1) return to[0];
  const share = (x - from[i - 1]) / (from[i] - from[i - 1]);
  return to[i - 1] + share * (to[i] - to[i - 1]);
}

const numberFormats = new Map();
function formatNumber(value, digits) {
  if (!Number.isFinite(value)) return "–";
  if (!numberFormats.has(digits)) {
    numberFormats.set(digits, new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  return numberFormats.get(digits).format(value === 0 ? 0 : value).replace("-", "−");
}
const formatPercent = (value, digits = 2) => formatNumber(value * 100, digits) + " %";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const pad = (value) => String(value).padStart(2, "0");

function formatTime(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const t = new Date(seconds * 1000);
  const day = `${t.getUTCFullYear()}-${pad(t.getUTCMonth() + 1)}-${pad(t.getUTCDate())}`;
  return `${day} ${pad(t.getUTCHours())}:${pad(t.getUTCMinutes())}`;
}
