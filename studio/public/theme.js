// Before the first paint, so that the page never shows the other theme first. A file, since the server allows no
// scripts within the page.
try {
  const theme = localStorage.getItem('promptune.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {}
