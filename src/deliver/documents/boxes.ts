/** Boxes with lines between them, as SVG: the diagrams of the documents. Colours are those of the page. */

import { html, type Markup } from '../../verify/report/page/markup.ts'

/** A box: a title and lines below it. */
export interface Box {
  readonly title: string
  readonly lines: readonly string[]
  /** The column that it stands in, from 0. */
  readonly column: number
}

/** A line from a box to another one. */
export interface Link {
  readonly from: string
  readonly to: string
  /** The line of the first box that it begins at; -1 for its title. */
  readonly line: number
}

const LETTER = 7.4
const ROW = 20
const PAD = 10
const GAP = { columns: 70, boxes: 24 }
const BEND = 40

interface Placed extends Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Draws boxes column by column. @param label what the diagram shows, for people who do not see it. */
export function boxDiagram(label: string, boxes: readonly Box[], links: readonly Link[]): Markup {
  const placed = place(boxes)
  const byTitle = new Map(placed.map((box) => [box.title, box]))
  const width = Math.max(0, ...placed.map(({ x, width: own }) => x + own)) + GAP.columns / 2
  const height = Math.max(0, ...placed.map(({ y, height: own }) => y + own)) + PAD
  const lines = links.flatMap(({ from, to, line }) => {
    const [a, b] = [byTitle.get(from), byTitle.get(to)]
    return a === undefined || b === undefined ? [] : [html`<path class="link" d="${curve(a, b, line)}" marker-end="url(#end)"/>`]
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><svg class="diagram" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="end" d="M0 0 8 4 0 8z"/></marker></defs>
${lines}${placed.map(boxMarkup)}</svg></div>`
}

function place(boxes: readonly Box[]): readonly Placed[] {
  const columns = Math.max(-1, ...boxes.map(({ column }) => column)) + 1
  const placed: Placed[] = []
  let x = PAD
  for (let column = 0; column < columns; column++) {
    const own = boxes.filter((box) => box.column === column)
    const letters = Math.max(0, ...own.flatMap(({ title, lines }) => [title.length + 1, ...lines.map(({ length }) => length)]))
    const width = letters * LETTER + 2 * PAD
    let y = PAD
    for (const box of own) {
      const height = (box.lines.length + 1) * ROW + PAD
      placed.push({ ...box, x, y, width, height })
      y += height + GAP.boxes
    }
    x += width + GAP.columns
  }
  return placed
}

/** From a line of the first box to the title of the second one, by their nearer sides. In one column, by their right sides. */
function curve(from: Placed, to: Placed, line: number): string {
  const [y, end] = [from.y + ROW * (line + 1), to.y].map((top) => top + ROW / 2 + PAD / 2)
  const [right, toRight] = [from.x + from.width, to.x + to.width]
  if (toRight < from.x) return `M${from.x} ${y}C${from.x - BEND} ${y} ${toRight + BEND} ${end} ${toRight} ${end}`
  if (to.x > right) return `M${right} ${y}C${right + BEND} ${y} ${to.x - BEND} ${end} ${to.x} ${end}`
  const bend = Math.max(right, toRight) + BEND
  return `M${right} ${y}C${bend} ${y} ${bend} ${end} ${toRight} ${end}`
}

function boxMarkup({ title, lines, x, y, width, height }: Placed): Markup {
  const text = (words: string, i: number, kind: string): Markup =>
    html`<text class="${kind}" x="${x + PAD}" y="${y + PAD / 2 + ROW * i + 15}">${words}</text>`
  return html`<g><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>${text(title, 0, 'box-title')}${lines.map((words, i) => text(words, i + 1, 'box-line'))}</g>`
}
