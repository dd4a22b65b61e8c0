/** The style of the page: dark and light, narrow and wide, and for print. */

/** A style sheet. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1d1f; --soft: #55595e; --line: #d5d8dc; --paper: #fff; --raised: #f5f6f7; --link: #0a58a6; --good: #12702f; --bad: #b3261e; --open: #8a5300; --good-bar: #2f9e4f; --part-bar: #c98200; --track: #e3e5e8 }
@media (prefers-color-scheme: dark) { :root { --text: #e6e7e8; --soft: #a9aeb4; --line: #3a3f45; --paper: #15171a; --raised: #1e2125; --link: #7ab8f5; --good: #6fd58b; --bad: #ff8f86; --open: #f0b95c; --good-bar: #3fae60; --part-bar: #d99a2b; --track: #30353b } }
* { box-sizing: border-box }
body { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--text); background: var(--paper); max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: anywhere }
h1 { font-size: clamp(1.35rem, 4.5vw, 1.9rem); line-height: 1.25; margin: .2rem 0 1rem; text-wrap: balance } h2 { font-size: 1.25rem; margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line) } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem }
p { margin: .5rem 0 } ul { padding-left: 1.25rem; margin: .5rem 0 } li { margin: .2rem 0 } a { color: var(--link) }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .86em } pre { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; overflow-x: auto; max-height: 24rem; white-space: pre-wrap }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.kicker { color: var(--soft); letter-spacing: .04em; margin: 0; font-size: .9rem } .lead { font-size: 1.1rem } .note, .small { color: var(--soft); font-size: .9rem } .small { font-weight: 400 }
.verdict { display: inline-block; border: 2px solid; border-radius: 999px; padding: .05em .7em; margin-right: .3em; font-size: .62em; text-transform: uppercase; letter-spacing: .05em; vertical-align: .22em }
.holds { color: var(--good) } .fails, .bad { color: var(--bad) } .undecided, .not-tested { color: var(--open) } .yes { color: var(--good) } .no { color: var(--soft) } .bad { font-weight: 600 }
.tiles { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 } .tiles li { display: flex; flex-direction: column; justify-content: space-between; background: var(--raised); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; margin: 0 } .tile-title { display: block; color: var(--soft); font-size: .85rem } .tile-figure { font-size: 1.4rem; font-weight: 600; font-variant-numeric: tabular-nums }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem 1.1rem }
.tag { border: 1px solid var(--line); border-radius: 999px; padding: 0 .55em; font-size: .78rem; color: var(--soft) } .tag.holds { color: var(--good) } .tag.fails { color: var(--bad) } .tag.undecided, .tag.not-tested { color: var(--open) } .atom { white-space: nowrap; margin-right: .6em }
.finding h3, .finding h4 { margin-top: .75rem } .finding { border-left: 4px solid var(--bad); background: var(--raised); border-radius: 0 8px 8px 0; padding: .25rem 1rem .75rem; margin: 1rem 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0 } dt { color: var(--soft) } dd { margin: 0; min-width: 0 }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0 1rem } table { border-collapse: collapse; width: 100%; font-size: .92rem } th, td { text-align: left; padding: .4rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: normal } tbody tr:last-child > * { border-bottom: 0 } thead th { color: var(--soft); font-weight: 500; white-space: nowrap } tbody th { font-weight: 500; white-space: nowrap } td { font-variant-numeric: tabular-nums; min-width: 5rem }
details > summary { cursor: pointer } td details ul { font-size: .8rem; padding-left: 1rem }
.bar { margin: .8rem 0 } .bar-head { display: flex; justify-content: space-between; gap: 1rem; font-variant-numeric: tabular-nums } .bar-head > :last-child { white-space: nowrap } .bar svg { display: block; width: 100%; height: 8px; margin: .25rem 0; border-radius: 4px } .track { fill: var(--track) } .whole { fill: var(--good-bar) } .part { fill: var(--part-bar) } .none { fill: none }
@media (max-width: 40rem) { body { padding: 1.25rem 1rem 3rem } dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } .tiles { grid-template-columns: 1fr 1fr } .tiles li:last-child:nth-child(odd) { grid-column: 1 / -1 } .tile-figure { font-size: 1.2rem } }
@media print { body { max-width: none; padding: 0; font-size: 11pt } nav { display: none } details::details-content { content-visibility: visible; display: block } .finding, tr, .bar { break-inside: avoid } .scroll, pre { overflow: visible; max-height: none } a { color: inherit; text-decoration: none } }
`
