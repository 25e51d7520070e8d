export interface Parsed {
  readonly document: Record<string, unknown> | null;
  readonly error: string;
}

/** A JSON object out of a text, or what is wrong with the text. */
export function parseDocument(text: string): Parsed {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) {
      return { document: { ...document }, error: "" };
    }
    return { document: null, error: "It must be one JSON object, { … }." };
  } catch (error) {
    return { document: null, error: `It is not JSON: ${error instanceof Error ? error.message : ""}` };
  }
}
