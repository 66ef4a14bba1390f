// Models of header texts that are in no file: for tests.
import { buildModel } from "./front-end.ts";
import type { AbiModel } from "./model.ts";
import { emptyOverlay, type Overlay } from "./overlay.ts";
import { sourceFile } from "./source.ts";

/** The model of `text`, which messages call test.h; `others` are the files it may include. */
export function modelOf(
  text: string,
  overlay: Partial<Overlay> = {},
  others: Readonly<Record<string, string>> = {},
): AbiModel {
  return buildModel({
    identity: { name: "test", headers: ["test.h"], overlayFile: "test.bind.json" },
    files: [sourceFile("test.h", "/test.h", text)],
    reader: {
      resolve: (name) => {
        const found = others[name];
        return found === undefined ? undefined : sourceFile(name, `/${name}`, found);
      },
    },
    overlay: { ...emptyOverlay, ...overlay },
    defines: {},
    functionPrefix: "t_",
  });
}
