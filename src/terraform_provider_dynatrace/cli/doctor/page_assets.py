"""The style and the script of the HTML page. Both are part of the page, which loads nothing from elsewhere."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c1d21; --quiet: #5a5d68; --line: #dcdde3; --shade: #f5f6f8;
  --fails: #b3261e; --unknown: #7a5200; --warns: #7a5200; --ok: #17663a; --link: #1a4fb8;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15161a; --ink: #e7e7ec; --quiet: #a9acb8; --line: #34363f; --shade: #1f2026;
    --fails: #ff8d84; --unknown: #f0c264; --warns: #f0c264; --ok: #7bd49b; --link: #9dbcff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 3rem) 4rem; max-width: 100rem;
  background: var(--paper); color: var(--ink); }
h1 { margin: 0; font-size: 1.75rem; font-weight: 600; letter-spacing: -0.01em; line-height: 1.2; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; font-weight: 600; }
p { margin: 0.25rem 0; max-width: 48rem; }
a { color: var(--link); }
code { font: 0.86em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: break-word; }
.quiet { color: var(--quiet); overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 1.5rem 0; padding: 0; list-style: none; }
.counts b { font-size: 1.75rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.fails { color: var(--fails); } .unknown { color: var(--unknown); }
.warns { color: var(--warns); } .ok { color: var(--ok); }
.filter { margin: 1.5rem 0 0.75rem; }
.filter label { margin-right: 0.5rem; }
.filter input { padding: 0.35rem 0.6rem; width: min(20rem, 100%); font: inherit;
  color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 0.3rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
caption { padding: 0 0 0.5rem; text-align: left; color: var(--quiet); }
th, td { padding: 0.55rem 0.75rem 0.55rem 0; text-align: left; vertical-align: top; }
thead th { padding-bottom: 0.35rem; border-bottom: 2px solid var(--line); color: var(--quiet); font-weight: 600;
  white-space: nowrap; }
tbody { border-bottom: 1px solid var(--line); }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
.verdict { font-weight: 600; }
.monitoring, .role code { overflow-wrap: anywhere; }
.verdict span { display: inline-block; width: 1.25em; }
.verdict div { padding-left: 1.25em; text-indent: -1.25em; }
.verdict div span { text-indent: 0; }
th button { padding: 0; border: 0; background: none; color: inherit; font: inherit; cursor: pointer; }
th button::after { content: "\\2195"; display: inline-block; width: 1.2em; padding-left: 0.25em; opacity: 0.45; }
th[aria-sort] { color: var(--ink); }
th[aria-sort=ascending] button::after { content: "\\2191"; opacity: 1; }
th[aria-sort=descending] button::after { content: "\\2193"; opacity: 1; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.why td { padding: 0 0 0.9rem; }
.findings { margin: 0; padding: 0; list-style: none; }
.findings > li { margin: 0 0 0.6rem; padding: 0.6rem 0.9rem; max-width: 64rem; background: var(--shade);
  border-left: 3px solid currentcolor; overflow-wrap: anywhere; }
.findings > li > * { color: var(--ink); }
.findings p { max-width: none; }
.findings strong { font-weight: 600; }
.mend::before { content: "\\2192"; content: "\\2192" / ""; margin-right: 0.4rem; color: var(--quiet); }
details { max-width: 64rem; font-size: 0.875rem; color: var(--quiet); overflow-wrap: anywhere; }
details ul { margin: 0.25rem 0 0; padding-left: 1.2rem; }
summary { cursor: pointer; width: fit-content; }
footer { margin-top: 2.5rem; font-size: 0.875rem; color: var(--quiet); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
@media (min-width: 62.01rem), print {
  .verdict { width: 8.5rem; }
  tbody th { width: 11rem; }
  .kind { white-space: nowrap; }
  .role { width: 16.5rem; }
  .owner { width: 15rem; }
  .monitoring { width: 6.5rem; }
}
@media screen and (max-width: 62rem) {
  table, caption, thead, tbody, tr, th, td { display: block; }
  thead { margin-bottom: 0.5rem; border-bottom: 2px solid var(--line); }
  thead tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
  thead th { border: 0; padding: 0.25rem 0; }
  th button { padding: 0.25rem 0; }
  tbody { padding: 0.75rem 0; }
  tbody tr { display: flex; flex-direction: column; }
  tbody th { order: -1; font-size: 1.0625rem; }
  tbody th, tbody td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); padding: 0.1rem 0; }
  tbody [data-label]::before { content: attr(data-label); color: var(--quiet);
    font-size: 0.9375rem; font-weight: 400; }
  .why td { display: block; padding: 0.5rem 0 0; }
  .empty { display: none; }
  code { overflow-wrap: anywhere; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --shade: #fff;
    --fails: #8c1d18; --unknown: #5c3d00; --warns: #5c3d00; --ok: #0f4d2b; --link: #000; font-size: 10pt; }
  @page { size: landscape; margin: 1.5cm; }
  body { padding: 0; max-width: none; }
  tbody, .findings > li { break-inside: avoid; }
  .filter, details, th button::after { display: none; }
}
"""

SCRIPT = """
"use strict";
{
  const table = document.querySelector("table");
  const heads = [...table.tHead.rows[0].cells];
  const status = document.getElementById("status");
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const keyOf = (body, column) => {
    const cell = body.rows[0].cells[column];
    return cell.dataset.key ?? cell.textContent.trim();
  };
  const sort = (head, column) => {
    const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    const sign = order === "ascending" ? 1 : -1;
    const keyed = [...table.tBodies].map((body) => [keyOf(body, column), body]);
    keyed.sort(([one], [other]) => sign * collator.compare(one, other));
    table.append(...keyed.map(([, body]) => body));
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    status.textContent = `Sorted by ${head.textContent.toLowerCase()}, ${order}.`;
  };
  for (const [column, head] of heads.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, column));
    head.append(button);
  }
  const filter = document.getElementById("filter");
  filter.closest("p").hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    const bodies = [...table.tBodies];
    for (const body of bodies) body.hidden = !body.textContent.toLowerCase().includes(wanted);
    const shown = bodies.filter((body) => !body.hidden).length;
    status.textContent = `${shown} of ${bodies.length} connections shown.`;
  });
}
"""
