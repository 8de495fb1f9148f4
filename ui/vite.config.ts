import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: { target: ["safari17.4", "chrome123"], chunkSizeWarningLimit: 400, cssCodeSplit: false, modulePreload: { polyfill: false }, rolldownOptions: { input: ["index.html", "popover.html"] } },
  test: { environment: "jsdom", include: ["src/**/*.test.ts"], setupFiles: ["src/test-setup.ts"] },
});
