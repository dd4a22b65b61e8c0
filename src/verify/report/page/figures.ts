/** Figures of the page. Each is read from the report by a JSON pointer, which stands beside it, so page and report cannot differ. */

import type { VerifyReport } from '../report-of.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'

const WIDTH = 400
const HEIGHT = 10

/** Figures below one have three digits, however small they are. */
const SMALL = { maximumSignificantDigits: 3 }

/** Makes the element of a figure. @throws Error for a pointer to nothing, or to no figure. */
export type Figure = (pointer: string) => Markup

/** The figures of a report. */
export function figuresOf(report: VerifyReport): Figure {
  return (pointer) => {
    const value = pointedAt(report, pointer)
    if (typeof value !== 'number' && typeof value !== 'string') throw new Error(`${pointer} is no figure of the report`)
    return html`<data data-from="${pointer}" value="${value}">${typeof value === 'number' ? value.toLocaleString('en', Math.abs(value) < 1 ? SMALL : {}) : value}</data>`
  }
}

/** The value at a JSON pointer; undefined if there is none. */
export function pointedAt(root: unknown, pointer: string): unknown {
  let at = root
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Readonly<Record<string, unknown>>)[key]
  }
  return at
}

/** A bar with its figures: how many of how many. */
export interface Bar {
  readonly name: MarkupPart
  /** Pointers to both figures. */
  readonly reached: string
  readonly total: string
  /** What the bar leaves out, in words. */
  readonly note?: MarkupPart
}

/** A bar as an image of its own, and its figures as text. */
export function bar(report: VerifyReport, figure: Figure, { name, reached, total, note = null }: Bar): Markup {
  const [part, whole] = [Number(pointedAt(report, reached)), Number(pointedAt(report, total))]
  const width = whole === 0 ? 0 : Math.round((part / whole) * WIDTH)
  const state = whole === 0 ? 'none' : part === whole ? 'whole' : 'part'
  return html`<div class="bar"><div class="bar-head"><span>${name}</span> <span>${figure(reached)} of ${figure(total)}</span></div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="${WIDTH}" height="${HEIGHT}"/><rect class="${state}" width="${width}" height="${HEIGHT}"/></svg>
${note === null ? null : html`<div class="note">${note}</div>`}</div>`
}
