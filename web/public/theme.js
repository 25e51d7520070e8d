// Runs before the first paint, so that a page never flashes in the other theme. The key is that of src/settings/settings.ts.
{
  let theme = null;
  try {
    theme = JSON.parse(localStorage.getItem("tradebot.settings") ?? "{}").theme;
  } catch {
    // Storage that is closed or damaged leaves the system's wish.
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = theme === "light" || theme === "dark" ? theme : dark ? "dark" : "light";
}
