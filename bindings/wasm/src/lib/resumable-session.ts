// A session that has left its connection and can be carried on over another one of the same server.
import { NnrpUsageError } from "./errors.ts";
import { outputText, succeeded, wasm } from "./module.ts";

interface Description {
  readonly sessionId: number;
  readonly windowMs: number;
  readonly unansweredFrameIds: readonly number[];
  readonly nextFrameId: number;
  readonly lastResultFrameId: number;
}

/** What is forgotten without being resumed gives its memory back. */
const forgotten = new FinalizationRegistry<number>((number) => wasm().nnrp_wasm_resumable_free(number));

/** Holds the token and what makes the resume complete: no result is lost, none comes twice. Used once. */
export class ResumableSession {
  #number: number;

  /** Made by this package: comes with `sessionEnded`, `openFailed` and `detachSession`. */
  constructor(number: number) {
    this.#number = number;
    forgotten.register(this, number, this);
  }

  get sessionId(): number {
    return this.#describe().sessionId;
  }

  /** How long after a loss of the transport the server keeps the session. */
  get windowMs(): number {
    return this.#describe().windowMs;
  }

  /** Frames without a terminal answer; a resume fetches them. */
  get unansweredFrameIds(): readonly number[] {
    return this.#describe().unansweredFrameIds;
  }

  /** The id that the next frame will get. */
  get nextFrameId(): number {
    return this.#describe().nextFrameId;
  }

  /** The highest frame that has been answered, 0 if none. */
  get lastResultFrameId(): number {
    return this.#describe().lastResultFrameId;
  }

  /** Notes that a frame is no longer wanted; false if it has its answer already. */
  cancel(frameId: number): boolean {
    const result = wasm().nnrp_wasm_resumable_cancel(this.#live(), frameId);
    if (result === 0 && wasm().nnrp_wasm_output_length() !== 0) succeeded(result);
    return result !== 0;
  }

  /** Gives the session up. */
  free(): void {
    wasm().nnrp_wasm_resumable_free(this.#live());
    this.#spend();
  }

  /** Hands the number to a resume; the object is used up if `use` does not throw. */
  spendOn(use: (number: number) => number): number {
    const result = use(this.#live());
    this.#spend();
    return result;
  }

  #spend(): void {
    this.#number = 0;
    forgotten.unregister(this);
  }

  #live(): number {
    if (this.#number !== 0) return this.#number;
    throw new NnrpUsageError("ResumableSpent", "this session was resumed or freed already");
  }

  #describe(): Description {
    succeeded(wasm().nnrp_wasm_resumable_describe(this.#live()));
    return JSON.parse(outputText()) as Description;
  }
}
