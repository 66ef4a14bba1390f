// The style sheet of the report page: system fonts, two colour schemes, tables that become cards on a phone.
import { Html } from "./html.ts";

export const style = new Html(`
:root {
  --paper: #fff; --ink: #1b1f24; --soft: #5c6570; --line: #e1e4e8; --card: #f7f8fa; --hover: #f0f3f7;
  --good: #147a48; --good-paper: #e7f5ed; --bad: #c4282d; --bad-paper: #fdebec; --warn: #9a6700;
  --link: #0a5fc2; --executed: #e7f5ed; --emulated: #e8f1fc; --structural: #f1eefb; --stub: #fdf3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101214; --ink: #e9ebee; --soft: #9aa4af; --line: #2b3036; --card: #181b1f; --hover: #1e2328;
    --good: #4fce90; --good-paper: #11281c; --bad: #ff6b70; --bad-paper: #331619; --warn: #e3b341;
    --link: #74b6ff; --executed: #11281c; --emulated: #12253d; --structural: #221d38; --stub: #33290f;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; -webkit-text-size-adjust: 100%; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em; }
.version { color: var(--soft); font-weight: 400; }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.2rem; }
h3 { margin: 1rem 0 .25rem; font-size: .9375rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
code, pre { font: .875em/1.45 ui-monospace, "SF Mono", "Cascadia Mono", monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: .5rem 0; padding: .6rem .8rem; border-radius: .4rem; background: var(--card); }
.facts { margin: .3rem 0 1rem; color: var(--soft); }
.headline { margin: 1rem 0; padding: .75rem 1rem; border-radius: .6rem; background: var(--card); }
.headline.good { background: var(--good-paper); color: var(--good); }
.headline.bad { background: var(--bad-paper); color: var(--bad); }
.obstacle { margin: -.5rem 0 1rem; padding: .6rem 1rem; border-radius: .6rem; background: var(--stub); }
.headline b { font-size: 1.125rem; }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: .6rem; margin: 0; padding: 0; list-style: none; }
.tiles li { padding: .65rem .9rem; border: 1px solid var(--line); border-radius: .6rem; color: var(--soft); font-size: .875rem; }
.tiles b { display: block; color: var(--ink); font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles .ok b, .ok { color: var(--good); }
.tiles .failed b, .failed { color: var(--bad); }
.open, .same { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.25rem 0 0; padding: .6rem 0; border-block: 1px solid var(--line); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: .8125rem; font-weight: 500; }
tbody th { font-weight: 500; white-space: nowrap; }
tbody tr:hover { background: var(--hover); }
tr.ok, tr.failed { color: inherit; }
tr.failed { background: var(--bad-paper); }
.family th { padding-top: 1rem; color: var(--soft); font-size: .8125rem; font-weight: 600; }
.family:hover { background: none; }
.number { text-align: right; white-space: nowrap; }
.number small { display: inline-block; min-width: 4.2em; margin-left: .3em; }
.mark { text-align: center; }
td.mark { font-weight: 700; }
.claim:empty { display: none; }
.claim { padding: .05rem .5rem; border-radius: 1rem; background: var(--card); font-size: .8125rem; font-weight: 400; white-space: nowrap; }
.claim.executed { background: var(--executed); } .claim.emulated { background: var(--emulated); }
.claim.structural { background: var(--structural); } .claim.stub { background: var(--stub); }
.grid { width: auto; font-size: .8125rem; }
.grid thead th { height: 13.5rem; padding: 0; border: 0; vertical-align: bottom; }
.grid thead a { display: block; width: 1.75rem; }
.grid thead span { display: block; padding: .25rem 0; writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.grid tbody th { position: sticky; left: 0; padding: .15rem .8rem .15rem 0; background: var(--paper); font-weight: 400; }
.grid td { width: 1.75rem; min-width: 1.75rem; padding: .15rem 0; text-align: center; }
.gate-ok { color: var(--good); } .gate-warning { background: var(--stub); color: var(--warn); font-weight: 700; }
.gate-error { background: var(--bad-paper); color: var(--bad); font-weight: 700; } .gate-open { color: var(--soft); }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .6rem; }
details > :not(summary) { margin-inline: 1rem; }
details[open] { padding-bottom: 1rem; }
summary { padding: .6rem 1rem; cursor: pointer; font-weight: 500; overflow-wrap: anywhere; }
details[open] > summary { border-bottom: 1px solid var(--line); }
.items { padding: 0; list-style: none; }
.items li { padding: .35rem 0 .35rem .8rem; margin: .35rem 0; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.items li, .box { color: inherit; }
.items li.ok { border-color: var(--good); }
.items li.failed, .box.failed { border-color: var(--bad); }
.box { padding: .25rem .8rem; border-left: 3px solid var(--bad); }
.digest, .command { color: var(--soft); }
.names { color: var(--soft); overflow-wrap: anywhere; }
.missing dt { margin-top: .7rem; }
.missing dd { margin: 0 0 0 1rem; color: var(--soft); }
.remedy { color: var(--ink); user-select: all; }
@media (max-width: 52rem) {
  body { padding: 1rem .9rem 3rem; }
  .tiles { grid-template-columns: repeat(3, 1fr); }
  .tiles li { padding: .5rem .65rem; }
  .overview, .cards, .overview tbody, .cards tbody { display: block; }
  .overview thead, .cards thead { display: none; }
  .overview tr, .cards tr { display: grid; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .overview tr { grid-template-columns: repeat(20, 1fr); }
  .overview tbody tr { padding-inline: .6rem; margin-inline: -.6rem; border-radius: .4rem; }
  .overview td.mark { grid-column: span 4; }
  .cards tr { grid-template-columns: repeat(2, 1fr); gap: .1rem .8rem; }
  .overview tr.family { display: block; padding-bottom: 0; border: 0; }
  .overview th, .overview td, .cards th, .cards td { padding: .1rem 0; border: 0; text-align: left; white-space: normal; }
  .overview tbody th, .cards tbody th { grid-column: 1 / -1; overflow-wrap: anywhere; }
  .overview td.mark { text-align: center; }
  .overview td::before, .cards td::before { content: attr(data-label); display: block; color: var(--soft); font-weight: 400; font-size: .6875rem; }
  .overview td.number, .overview td.ran { grid-column: span 5; white-space: nowrap; }
  .cards td.wide { grid-column: 1 / -1; }
  .cards td.none, .overview td.none { display: none; }
  .number small { min-width: 0; }
  .grid thead th { height: 12.5rem; }
  .grid tbody th { max-width: 8.5rem; overflow: hidden; text-overflow: ellipsis; }
}
@media (max-width: 24rem) { .tiles li { font-size: .8125rem; } }
@media (max-width: 21rem) { .overview td.number, .overview td.ran { grid-column: span 10; } }
@media print { details { break-inside: avoid; } nav { display: none; } }
`);
