/** The sentences of a Markdown document, with their lines: headings, items of lists, rows of tables, and paragraphs. */

import type { SourcePlace, SourceText } from '../text/source-file.ts'

/** One piece of text. */
export interface TextItem {
  readonly kind: 'heading' | 'bullet' | 'number' | 'row' | 'paragraph'
  /** Without the marks of Markdown, and with its line breaks as spaces. */
  readonly text: string
  /** The level of a heading, the number of a numbered item; otherwise 0. */
  readonly number: number
  readonly at: SourcePlace
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/
const BULLET = /^\s*[-*+]\s+(?:\[[ xX]\]\s+)?(.*)$/
const NUMBER = /^\s*(\d{1,4})[.)]\s+(.*)$/
/** A line that begins with an id begins a paragraph. */
const NAMED = /^\s*(?:\*\*|__|`|\[)*[A-Z]{1,10}(?:[-_.]?[A-Z]{1,10}){0,3}[-_.]?\d{1,5}(?:\.\d{1,4}){0,3}\]?(?:\*\*|__|`)*\s*[:.)—–]/
const ROW = /^\s*\|(.*)\|\s*$/

/** The pieces in order. What stands between fences, and comments, are none. */
export function textItems({ file, text, line }: SourceText): readonly TextItem[] {
  const items: { kind: TextItem['kind']; text: string; number: number; at: SourcePlace }[] = []
  let open: (typeof items)[number] | null = null
  let fence: string | null = null
  const bare = text.replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ''))
  for (const [i, each] of bare.split(/\r?\n/).entries()) {
    const [, mark] = FENCE.exec(each) ?? []
    if (fence !== null) {
      if (mark?.startsWith(fence) && each.trim() === mark) fence = null
      continue
    }
    if (mark !== undefined) fence = mark
    const begun = mark !== undefined || each.trim() === '' ? null : begins(each)
    if (begun !== null) {
      open = { ...begun, at: { file, line: line + i } }
      items.push(open)
      if (open.kind === 'heading' || open.kind === 'row') open = null
    } else if (mark !== undefined || each.trim() === '') open = null
    else if (open !== null) open.text += ` ${each.trim()}`
    else {
      open = { kind: 'paragraph', text: each.trim(), number: 0, at: { file, line: line + i } }
      items.push(open)
    }
  }
  return items.map((item) => ({ ...item, text: plain(item.text) }))
}

function begins(line: string): Pick<TextItem, 'kind' | 'text' | 'number'> | null {
  const [, marks, title] = HEADING.exec(line) ?? []
  if (marks !== undefined) return { kind: 'heading', text: title ?? '', number: marks.length }
  const [, row] = ROW.exec(line) ?? []
  if (row !== undefined) return { kind: 'row', text: row, number: 0 }
  const [, bullet] = BULLET.exec(line) ?? []
  if (bullet !== undefined) return { kind: 'bullet', text: bullet, number: 0 }
  const [, number, item] = NUMBER.exec(line) ?? []
  if (number !== undefined) return { kind: 'number', text: item ?? '', number: Number(number) }
  return NAMED.test(line) ? { kind: 'paragraph', text: line.trim(), number: 0 } : null
}

/** A text without the marks for emphasis, code and links. */
function plain(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/(\*\*|__|`|~~)/g, '')
    .replaceAll(/(^|[\s(])[*_](?=\S)([^*_]*\S)[*_](?=[\s).,:;!?]|$)/g, '$1$2')
    .replaceAll(/\\([\\`*_{}[\]()#+\-.!|<>])/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
