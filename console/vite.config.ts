import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/**
 * The text font is fetched with the script, not once the styles have been read. The letters of other scripts, and the
 * font of link names, wait until a page has some: browsers complain of what is fetched and not used.
 */
const fontPreload: Plugin = {
  name: 'font-preload',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => /\/inter-latin-wght-normal-[^/]+\.woff2$/.test(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${file}`, crossorigin: '' },
          injectTo: 'head' as const,
        })),
  },
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwind(), fontPreload],
  build: {
    // Where the server looks for what may be cached for ever.
    assetsDir: 'console',
    target: 'es2023',
    sourcemap: false,
    // What is loaded with what: the size of a first view is tested.
    manifest: true,
    // The policy forbids inline and data: fonts and scripts; small files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    port: 4290,
    strictPort: true,
    // `npm run console:dev` beside a running server; everything that is not ours goes to it.
    proxy: Object.fromEntries(
      ['/v1', '/connect', '/oauth', '/oidc', '/docs', '/assets', '/healthz', '/readyz'].map((path) => [
        path,
        process.env['MOORING_URL'] ?? 'http://localhost:4280',
      ]),
    ),
  },
})
