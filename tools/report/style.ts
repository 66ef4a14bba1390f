// The style sheet of the report page: system fonts, two colour schemes, tables that become cards on a phone.
import { Html } from "./html.ts";

export const style = new Html(`
:root {
  --paper: #fff; --ink: #1c2024; --soft: #60646c; --line: #d9dce0; --card: #f6f7f9;
  --good: #18794e; --bad: #c62a2f; --link: #0b68cb; --claim: #e6f0fb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #111315; --ink: #edeef0; --soft: #a1a8b0; --line: #33383e; --card: #1a1d21;
    --good: #4cc38a; --bad: #ff6369; --link: #70b8ff; --claim: #10243e;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 2rem 0 .75rem; font-size: 1.2rem; }
h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
a { color: var(--link); }
code, pre { font: .875em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: .5rem 0; }
.facts { margin: .25rem 0 1rem; color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem; margin: 0; padding: 0; list-style: none; }
.tiles li { padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); color: var(--ink); }
.tiles b { display: block; font-size: 1.5rem; line-height: 1.2; }
.tiles .ok b, span.ok { color: var(--good); }
.tiles .failed b, span.failed { color: var(--bad); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .4rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 500; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.mark { font-weight: 700; }
span.open { color: var(--soft); }
.claim:empty { display: none; }
.claim { padding: 0 .4rem; border-radius: .25rem; background: var(--claim); font-size: .875em; white-space: nowrap; }
details { margin: .5rem 0; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
summary { cursor: pointer; font-weight: 500; overflow-wrap: anywhere; }
.items { margin: 0; padding: 0; list-style: none; }
.items li { padding: .4rem 0 .4rem .7rem; margin: .25rem 0; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.items li.ok { border-color: var(--good); }
.items li.failed, .box.failed { border-color: var(--bad); }
.box { padding: .25rem .8rem; border-left: 3px solid var(--bad); }
.digest, .command { color: var(--soft); }
.missing dt { margin-top: .6rem; }
.missing dd { margin: 0 0 0 1rem; color: var(--soft); }
.remedy { color: var(--ink); user-select: all; }
@media (max-width: 44rem) {
  .overview thead { display: none; }
  .overview tr { display: grid; grid-template-columns: repeat(3, 1fr); padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .overview th, .overview td { padding: .1rem .25rem; border: 0; text-align: left; }
  .overview tbody th { grid-column: 1 / -1; white-space: normal; overflow-wrap: anywhere; }
  .overview td::before { content: attr(data-label) " "; color: var(--soft); font-weight: 400; font-size: .8125rem; }
}
`);
