import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/tradebot/api/dashboard",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy admits no data: address.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "docs.html"], checks: { pluginTimings: false } },
    // Swagger UI, which /docs alone loads.
    chunkSizeWarningLimit: 1600,
  },
  // `npm run dev` beside `tradebot serve`.
  server: { proxy: { "/api": { target: server, ws: true }, "/openapi.json": server } },
});
