/** Writes the content of a mail as plain text, for mail programs and people that show or want no HTML. */

import { unreachable } from '../../../base/unreachable.ts'
import { beyondLine, type ContentPart } from './mail-parts.ts'

/** The text, with an empty line between two parts. */
export function mailPlain(parts: readonly ContentPart[]): string {
  return `${parts.map((part) => partText(part).trimEnd()).join('\n\n')}\n`
}

function partText(part: ContentPart): string {
  switch (part.kind) {
    case 'heading':
      return `${part.text}\n${'='.repeat(Math.max(3, Math.min(72, widthOf(part.text))))}`
    case 'text':
      return part.text
    case 'button':
      return part.link === null ? part.label : `${part.label}: ${part.link}`
    case 'table':
      return tableText(part)
    case 'image':
      return `[${part.alt}]`
    default:
      return unreachable(part)
  }
}

/** The columns side by side where they fit in 78 characters; otherwise each row as `heading: value` lines. */
function tableText({ columns, rows, beyond }: Extract<ContentPart, { kind: 'table' }>): string {
  const headings = columns.map(({ heading }) => heading)
  const oneLine = [headings, ...rows].map((row) => row.map((cell) => cell.replace(/\s*\n\s*/g, ' ').trim()))
  const widths = columns.map((_, i) => Math.max(...oneLine.map((row) => widthOf(row[i] ?? ''))))
  const total = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length)
  const more = beyond === 0 ? [] : [beyondLine(beyond)]
  if (total > 78) return [...rows.map((row) => row.map((cell, i) => `${headings[i] ?? ''}: ${cell}`).join('\n')), ...more].join('\n\n')
  const padded = oneLine.map((row) =>
    row.map((cell, i) => {
      const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)))
      return columns[i]?.align === 'right' ? space + cell : cell + space
    }),
  )
  const [head = [], ...body] = padded.map((row) => row.join(GAP).trimEnd())
  return [head, widths.map((width) => '-'.repeat(width)).join(GAP), ...body, ...more].join('\n')
}

const GAP = '  '

/** The number of characters; those of East Asian scripts and emoji count twice in a font of fixed width. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width += /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u.test(character) ? 2 : 1
  return width
}
