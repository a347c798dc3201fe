import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server's own policy (server/secure_headers.py): a preview without it would hide what it forbids.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-SKYLOOM_NONCE'; img-src 'self' blob:; " +
  "connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

// `SKYLOOM_ADDRESS=http://127.0.0.1:8421 SKYLOOM_TOKEN=... npm run preview` shows the built page on a running agent.
const address = process.env.SKYLOOM_ADDRESS ?? "http://127.0.0.1:8421";
const toAgent = {
  target: address,
  changeOrigin: true,
  headers: { Authorization: `Bearer ${process.env.SKYLOOM_TOKEN ?? ""}`, Origin: address },
};
const proxy = Object.fromEntries(
  ["/api", "/session", "/workspaces", "/openapi.json"].map((path) => [path, toAgent]),
);

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: "SKYLOOM_NONCE" }, // the server writes a fresh word in its place for each page
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the content policy knows no data: addresses
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy },
  preview: { proxy, headers: { "Content-Security-Policy": policy } },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
