// Third-party actions, each pinned to a commit; the tag stands beside it for the reader.
export interface PinnedAction {
  readonly name: string;
  readonly commit: string;
  readonly tag: string;
}

export const actions = {
  checkout: { name: "actions/checkout", commit: "11bd71901bbe5b1630ceea73d27597364c9af683", tag: "v4.2.2" },
  setupNode: {
    name: "actions/setup-node",
    commit: "49933ea5288caeca8642d1e84afbd3f7d6820020",
    tag: "v4.4.0",
  },
  downloadArtifact: {
    name: "actions/download-artifact",
    commit: "d3f86a106a0bac45b974a628896c90dbdf5c8093",
    tag: "v4.3.0",
  },
  uploadArtifact: {
    name: "actions/upload-artifact",
    commit: "ea165f8d65b6e75b540449e92b4886f43607fa02",
    tag: "v4.6.2",
  },
} as const satisfies Record<string, PinnedAction>;
