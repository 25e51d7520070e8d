/** The live stream: one socket for the page, resumed where it broke, and handed on once per animation frame. */
import type { Schemas } from "./client";

export type StreamMessage = Schemas["StreamMessage"];
export type StreamState = "connecting" | "open" | "lost";
type Listener = (messages: readonly StreamMessage[]) => void;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
/** The server says something every fifteen seconds at least. Silent for longer it hangs, or the line is cut: no socket tells that. */
const SILENCE_MS = 20_000;
const CHECK_MS = 2000;

function isMessage(value: unknown): value is StreamMessage {
  return typeof value === "object" && value !== null && "seq" in value && "topic" in value && "data" in value;
}

export class Stream {
  #socket: WebSocket | null = null;
  #state: StreamState = "connecting";
  #after: number | null = null;
  #wait = FIRST_WAIT_MS;
  #pending: StreamMessage[] = [];
  #isScheduled = false;
  #heard = 0;
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<() => void>();

  get state(): StreamState {
    return this.#state;
  }

  open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const resume = this.#after === null ? "" : `?after=${this.#after}`;
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/stream${resume}`);
    this.#socket = socket;
    const close = () => {
      clearInterval(check);
      this.#lost();
    };
    socket.onmessage = (event) => {
      this.#heard = Date.now();
      this.#take(String(event.data));
    };
    socket.onclose = close;
    this.#heard = Date.now();
    const check = setInterval(() => {
      if (Date.now() - this.#heard < SILENCE_MS) return;
      // To be closed properly would take an answer.
      socket.onmessage = socket.onclose = null;
      socket.close();
      close();
    }, CHECK_MS);
  }

  /** Try again now, since what it was refused for has changed. */
  retry(): void {
    this.#wait = FIRST_WAIT_MS;
    if (this.#socket === null) this.open();
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch = (tell: () => void): (() => void) => {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  };

  #take(text: string): void {
    const told: unknown = JSON.parse(text);
    if (isMessage(told)) {
      this.#after = told.seq;
      this.#pending.push(told);
      this.#schedule();
    } else if (typeof told === "object" && told !== null && "type" in told) {
      if (told.type === "hello") {
        this.#wait = FIRST_WAIT_MS;
        this.#enter("open");
      }
      // What is no longer remembered cannot be resumed: begin anew.
      if (told.type === "refused") this.#after = null;
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A hidden page gets no frames; the timer keeps its messages from piling up.
    if (document.hidden) setTimeout(() => this.#hand(), 1000);
    else requestAnimationFrame(() => this.#hand());
  }

  #hand(): void {
    this.#isScheduled = false;
    const messages = this.#pending;
    this.#pending = [];
    for (const listener of this.#listeners) listener(messages);
  }

  #lost(): void {
    this.#socket = null;
    this.#enter("lost");
    const jitter = 0.75 + Math.random() / 2;
    setTimeout(() => this.#socket ?? this.open(), this.#wait * jitter);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  #enter(state: StreamState): void {
    this.#state = state;
    for (const tell of this.#watchers) tell();
  }
}

export const stream = new Stream();
