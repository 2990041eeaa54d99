/** @file HTML from templates that escape their values, and a self-contained page. */

/** A string that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Part[] | undefined | false;

/** An HTML template. Strings are escaped for elements and attributes; undefined and false are empty. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((whole, string, i) => whole + written(parts[i - 1]) + string));
}

function written(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const characters = new Map(Object.entries(entities).map(([character, entity]) => [entity, character]));

const unescaped = (text: string) => text.replace(/&#?\w+;/g, (entity) => characters.get(entity) ?? entity);

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** By which a page is known to be one of these. */
const generator = '<meta name="generator" content="promptune">';

/** The title of a page that `page` wrote, given its text or its beginning; undefined for others. */
export function reportTitle(text: string): string | undefined {
  const [, title] = /<title>([^<]*)<\/title>/.exec(text) ?? [];
  return text.includes(generator) && title !== undefined ? unescaped(title) : undefined;
}

/** A whole page. It fetches nothing, and its content security policy forbids it. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${new Html(generator)}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.text;
}

const style = `
:root { color-scheme: light dark; --text: #1c2024; --faint: #60646c; --line: #d9d9e0; --back: #fdfdfc; --panel: #f4f4f2;
  --c0: #0b68cb; --c1: #b45309; --c2: #18794e; --c3: #8e4ec6; --c4: #c2298a; --c5: #0e7c86; --c6: #6f6e77; --good: #18794e; --bad: #c62a2f; }
@media (prefers-color-scheme: dark) { :root { --text: #edeef0; --faint: #a1a6ae; --line: #393a40; --back: #111113; --panel: #1b1b1f;
  --c0: #70b8ff; --c1: #ffa057; --c2: #3dd68c; --c3: #d19dff; --c4: #ff8dcc; --c5: #4ccce6; --c6: #b5b2bc; --good: #3dd68c; --bad: #ff9592; } }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
p, dl { color: var(--faint); max-width: 46rem; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; color: var(--text); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--faint); } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.interval { color: var(--faint); } .text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 9rem; }
.signature { color: var(--faint); font-size: .85em; overflow-wrap: anywhere; }
.matrix td { text-align: center; padding: .45rem .8rem; border: 1px solid var(--back); font-variant-numeric: tabular-nums; }
.matrix th { padding: .35rem .8rem; border: 0; text-align: right; } .matrix thead th { text-align: center; }
.side { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; } figcaption { color: var(--faint); font-weight: 600; margin-bottom: .4rem; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .5rem 0; } .legend span::before { content: "●"; color: var(--c); margin-right: .35rem; }
`;
