// What lets a page share memory among threads; without it, one thread computes.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  server: { headers },
  preview: { headers },
  // Its files find each other by their addresses, which bundling it anew for the development server would change.
  optimizeDeps: { exclude: ['promptune'] },
};
