/** A name of the code as words: `RunStarted` and `run_started` are "run started". */
export function words(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
}
