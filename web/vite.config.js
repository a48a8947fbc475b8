import process from "node:process";
import { defineConfig } from "vite";

const server = { target: process.env.AUDITOR ?? "http://127.0.0.1:8000", changeOrigin: true };

export default defineConfig({
  build: {
    target: "es2022",
    // The page's policy allows no inline script, which these two would be.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  // `AUDITOR=http://127.0.0.1:8000 npm run dev` beside a server.
  server: { proxy: { "/api": server, "/ws": { ...server, ws: true } } },
});
