/** @file HTML from templates that escape their values, and a self-contained page. */
import { say } from '../../say.js';

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
<html lang="${say`en`}">
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
.lead { color: var(--text); font-size: 1.15rem; font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--faint); } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.interval { color: var(--faint); } .text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 9rem; }
.signature { color: var(--faint); font-size: .85em; overflow-wrap: anywhere; min-width: 16rem; } td:first-child { white-space: nowrap; }
.matrix td { text-align: center; padding: .45rem .8rem; border: 1px solid var(--back); font-variant-numeric: tabular-nums; }
.matrix th { padding: .35rem .8rem; border: 0; text-align: right; } .matrix thead th { text-align: center; }
.side { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; } figcaption { color: var(--faint); font-weight: 600; margin-bottom: .4rem; }
svg { display: block; width: 100%; max-width: 32rem; height: auto; } svg text { fill: var(--faint); font: 11px system-ui, sans-serif; }
svg .grid { stroke: var(--line); } svg .level { stroke-width: 2; stroke-dasharray: 2 4; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .5rem 0 1rem; } .legend span::before { content: "●"; color: var(--c); margin-right: .35rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1.75rem 2.5rem; margin-top: 1.25rem; }
.bars { display: grid; grid-template-columns: minmax(max-content, 6rem) 1fr max-content; gap: .4rem .8rem; }
.bar { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center; } .bars .note { grid-column: 1 / -1; }
.bar .name { overflow-wrap: anywhere; line-height: 1.25; } .bar .value { font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { font-size: 1.1rem; font-weight: 700; margin: 2.5rem 0 .75rem; cursor: pointer; }
.bar .interval { font-size: .85em; } .track { position: relative; height: 1.25rem; background: var(--panel); border-radius: 3px; }
.track > span { position: absolute; } .track .fill { top: 0; bottom: 0; background: var(--c); opacity: .38; border-radius: 3px; }
.track .range { top: calc(50% - 1px); height: 2px; background: var(--c); }
.track .range::before, .track .range::after { content: ""; position: absolute; top: -4px; height: 10px; border-left: 2px solid var(--c); }
.track .range::after { right: 0; } .track .part { top: calc(50% - 3px); width: 6px; height: 6px; margin-left: -3px; border-radius: 50%; background: var(--c); }
.mark { border-left: 2px solid var(--text); } .track .mark { top: -.25rem; bottom: -.25rem; margin-left: -1px; }
.note { font-size: .9em; margin: .35rem 0 0; } .note .mark { display: inline-block; height: 1em; vertical-align: -.15em; margin-right: .4rem; }
.settings dd { font-variant-numeric: tabular-nums; } .answers { width: 100%; } .answers .place { color: var(--faint); white-space: nowrap; }
.answers .right { background: color-mix(in srgb, var(--good) 12%, transparent); }
.answers td { padding-left: .5rem; } .answers th { padding-left: .5rem; }
.turns { display: flex; flex-direction: column; gap: .4rem; min-width: 12rem; white-space: normal; }
.turn { max-width: 85%; padding: .35rem .65rem; border-radius: .8rem; background: var(--panel); white-space: pre-wrap; align-self: flex-start; }
.turn.user { align-self: flex-end; background: color-mix(in srgb, var(--c0) 16%, var(--back)); border-bottom-right-radius: .2rem; }
.turn.assistant { border-bottom-left-radius: .2rem; } .turn.other { max-width: 100%; align-self: stretch; background: none; border: 1px dashed var(--line); }
.role { display: block; font-size: .75rem; color: var(--faint); }
@media (max-width: 62rem) { td.number .interval { display: block; } .signature { min-width: 10rem; } }
@media (max-width: 40rem) {
  main { padding: 1.25rem 1rem 3rem; } dl { grid-template-columns: 1fr; } dt { margin-top: .5rem; }
  .bars { grid-template-columns: 1fr max-content; gap: .5rem .8rem; } .bar .value { text-align: right; } .bar .track { grid-row: 2; grid-column: 1 / -1; }
  .answers td:first-child { white-space: normal; }
  .answers, .answers tbody, .answers tr, .answers td { display: block; } .answers thead { display: none; }
  .answers tr { padding: .75rem 0; border-bottom: 1px solid var(--line); } .answers td { border: 0; padding: .2rem .5rem; text-align: left; }
  .answers td[data-label]::before { content: attr(data-label); display: block; font-size: .75rem; font-weight: 600; color: var(--faint); }
}
`;
