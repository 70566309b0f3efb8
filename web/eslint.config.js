// Lint rules of the page; types are tsc's business.
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts", "test-results", "playwright-report"] },
  ...tseslint.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    // The graph module is plain TypeScript: it must run in a worker and in tests without a page.
    files: ["src/graph/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["react", "react-*", "@xyflow/*", "zustand*", "@/editor/*", "@/ui/*", "@/app/*"] }],
      "no-restricted-globals": ["error", "document", "window", "localStorage"],
    },
  },
);
