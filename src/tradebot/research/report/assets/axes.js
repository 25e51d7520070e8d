// Round places for ticks on the value axis and on the time axis.

function valueTicks(low, high, wanted) {
  const rough = (high - low) / Math.max(wanted, 1);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
  return ticks;
}

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const TIME_STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];
const MONTH_STEPS = [1, 3, 6, 12, 24, 60, 120];

function timeTicks(first, last, wanted) {
  const rough = (last - first) / Math.max(wanted, 1);
  const step = TIME_STEPS.find((s) => s >= rough);
  if (step) return Array.from({ length: Math.floor(last / step) - Math.ceil(first / step) + 1 }, (_, k) => (Math.ceil(first / step) + k) * step);
  const months = MONTH_STEPS.find((m) => m * 30.44 * DAY >= rough) ?? 120;
  const start = new Date(first * 1000);
  const ticks = [];
  for (let m = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months; ; m += months) {
    const t = Date.UTC(Math.floor(m / 12), m % 12, 1) / 1000;
    if (t > last) return ticks;
    if (t >= first) ticks.push(t);
  }
}

// A tick says what changed: the year, the day or the time.
function tickLabel(seconds) {
  const t = new Date(seconds * 1000);
  if (seconds % DAY) return `${pad(t.getUTCHours())}:${pad(t.getUTCMinutes())}`;
  if (t.getUTCDate() === 1 && t.getUTCMonth() === 0) return String(t.getUTCFullYear());
  if (t.getUTCDate() === 1) return MONTHS[t.getUTCMonth()];
  return `${t.getUTCDate()} ${MONTHS[t.getUTCMonth()]}`;
}
