/** Plots as SVG in the page: lines over an axis, in the colours of the page. They need no script. */

import { html, type Markup } from './markup.ts'

/** A line of a plot. */
export interface PlotLine {
  readonly name: string
  /** How it is drawn: a class of the style sheet. */
  readonly look: 'first' | 'second' | 'third' | 'fourth' | 'fifth' | 'sixth' | 'limit'
  readonly points: readonly { readonly x: number; readonly y: number }[]
  /** Whether each point has a mark. */
  readonly marked: boolean
  /** Whether a line joins the points; it does unless given. */
  readonly joined?: boolean
}

/** What a plot shows. */
export interface Plot {
  /** For people who do not see it. */
  readonly title: string
  readonly x: string
  readonly y: string
  /** Whether both axes begin at 0, or show powers of ten; `plain` unless given. */
  readonly scale?: 'plain' | 'logarithms'
  readonly lines: readonly PlotLine[]
}

const WIDTH = 640
const HEIGHT = 260
const LEFT = 72
const RIGHT = 40
const TOP = 14
const BOTTOM = 48
const TICKS = 4

/** A plot; null without a point. */
export function plot({ title, x, y, lines, scale = 'plain' }: Plot): Markup | null {
  const all = lines.flatMap(({ points }) => points).filter((point) => scale === 'plain' || (point.x > 0 && point.y > 0))
  if (all.length === 0) return null
  const axes = {
    x: axisOf(
      all.map((one) => one.x),
      scale,
    ),
    y: axisOf(
      all.map((one) => one.y),
      scale,
    ),
  }
  const atX = (value: number): number => round(LEFT + axes.x.part(value) * (WIDTH - LEFT - RIGHT))
  const atY = (value: number): number => round(HEIGHT - BOTTOM - axes.y.part(value) * (HEIGHT - TOP - BOTTOM))
  const grid = [
    ...axes.y.ticks.map(
      (tick) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${atY(tick)}" y2="${atY(tick)}"/>
<text x="${LEFT - 6}" y="${atY(tick) + 4}" text-anchor="end">${labelOf(tick)}</text>`,
    ),
    ...axes.x.ticks.map((tick) => html`<text x="${atX(tick)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${labelOf(tick)}</text>`),
  ]
  const drawn = lines.map(({ look, points, marked, joined = true }) => {
    const path = points.map((point) => `${atX(point.x)},${atY(point.y)}`).join(' ')
    const marks = marked
      ? points.map((point) => html`<circle class="mark ${look}" cx="${atX(point.x)}" cy="${atY(point.y)}" r="3.5"/>`)
      : null
    return html`${joined && html`<polyline class="line ${look}" points="${path}"/>`}${marks}`
  })
  const names = lines.map(({ name, look }) => html`<li><span class="key ${look}" aria-hidden="true"></span>${name}</li>`)
  return html`<figure class="plot"><figcaption>${title}, ${y}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${grid}${drawn}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${x}</text></svg>
<ul class="keys">${names}</ul></figure>`
}

interface Axis {
  /** Values with a label. */
  readonly ticks: readonly number[]
  /** How far along the axis a value is, from 0 to 1. */
  readonly part: (value: number) => number
}

function axisOf(values: readonly number[], scale: 'plain' | 'logarithms'): Axis {
  if (scale === 'plain') {
    const most = ceilingOf(Math.max(...values))
    return { ticks: Array.from({ length: TICKS + 1 }, (_, i) => (i * most) / TICKS), part: (value) => value / most }
  }
  const least = Math.floor(Math.log10(Math.min(...values)))
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))))
  const ticks = Array.from({ length: most - least + 1 }, (_, i) => 10 ** (least + i))
  return { ticks, part: (value) => (Math.log10(value) - least) / (most - least) }
}

/** The next number whose quarters are easy to read. */
function ceilingOf(value: number): number {
  if (!(value > 0)) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((times) => times * unit >= value) ?? 10) * unit
}

function labelOf(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
