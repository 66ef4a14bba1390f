// The event stream of long work; renderers turn it into a live tree, plain lines, JSON or CI annotations.

export type Step = "prepare" | "build" | "inspect" | "verify" | "package" | "smoke";

export type ProgressEvent =
  | {
      readonly type: "plan";
      readonly triple: string;
      readonly planned: boolean;
      readonly text: string;
      readonly remedy?: string;
    }
  | { readonly type: "fetch"; readonly what: string; readonly bytes?: number; readonly into: string }
  | {
      readonly type: "step-started";
      readonly triple: string;
      readonly step: Step;
      /** What the step took the last time. */
      readonly expectedSeconds?: number;
    }
  | { readonly type: "step-line"; readonly triple: string; readonly step: Step; readonly line: string }
  | {
      readonly type: "step-finished";
      readonly triple: string;
      readonly step: Step;
      readonly ok: boolean;
      readonly seconds: number;
      /** Nothing was run, because nothing it depends on has changed; `seconds` is what it took when it ran. */
      readonly reused: boolean;
      readonly detail: string;
    }
  /** Before the first target starts. */
  | {
      readonly type: "run-started";
      readonly triples: readonly string[];
      readonly jobs: number;
      readonly parallel: number;
      /** From what the steps took the last time; absent where a target has never run here. */
      readonly expectedSeconds?: number;
    }
  /** A target has been through its last step, whatever came of it. */
  | {
      readonly type: "target-finished";
      readonly triple: string;
      readonly ok: boolean;
      readonly seconds: number;
    }
  | { readonly type: "note"; readonly text: string };

export interface ProgressSink {
  emit(event: ProgressEvent): void;
}
