import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  resolve: {
    alias: { "judge-auditor-client": fileURLToPath(new URL("client/src/index.ts", import.meta.url)) },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // The policy of the page allows no inline script, which the polyfill would be.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  // `npm run dev` beside a server: AUDITOR=http://127.0.0.1:8000 npm run dev
  server: {
    proxy: Object.fromEntries(
      ["/api", "/ws", "/shared"].map((path) => [
        path,
        { target: process.env["AUDITOR"] ?? "http://127.0.0.1:8000", ws: path === "/ws", changeOrigin: true },
      ]),
    ),
  },
});
