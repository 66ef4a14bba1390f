// Lint rules for all TypeScript: strict, no `any`, no floating promises.
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "bindings/node/dist/**",
      "bindings/node/build/**",
      "artifacts/**",
      "target/**",
      "bindings/node/src/native/**",
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and booleans in messages are wanted; objects are not.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // A guard that the types call needless still protects against foreign bytes and foreign JSON.
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
