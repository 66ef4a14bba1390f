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
  | { readonly type: "step-started"; readonly triple: string; readonly step: Step }
  | { readonly type: "step-line"; readonly triple: string; readonly step: Step; readonly line: string }
  | {
      readonly type: "step-finished";
      readonly triple: string;
      readonly step: Step;
      readonly ok: boolean;
      readonly seconds: number;
      readonly detail: string;
    }
  | { readonly type: "note"; readonly text: string };

export interface ProgressSink {
  emit(event: ProgressEvent): void;
}
