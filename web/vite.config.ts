// How the page is built: into dist/, with names that carry a hash so that browsers may keep them for ever.
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `SUANZI_DEV_SERVER=http://127.0.0.1:8787 npm run dev` works on the page beside a running `suanzi serve`.
const server = process.env.SUANZI_DEV_SERVER;

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    assetsDir: "assets",
    // A data: address in a style sheet or a script would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  worker: { format: "es" },
  server: { host: "127.0.0.1", proxy: server ? { "/api": server, "/login": server, "/healthz": server } : undefined },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
