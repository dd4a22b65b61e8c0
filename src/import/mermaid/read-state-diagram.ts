/** Reads a state diagram of Mermaid: the states of a field and their transitions. */

import { type DataSketch, newSketch, type SketchWorkflow } from '../sketch/sketch.ts'
import type { SourceText } from '../text/source-file.ts'

const TRANSITION = /^(\[\*\]|"[^"]+"|[\p{L}\p{N}_.-]+)\s*-->\s*(\[\*\]|"[^"]+"|[\p{L}\p{N}_.-]+)\s*(?::\s*(.*))?$/u
const ALIAS = /^state\s+"([^"]+)"\s+as\s+([\p{L}\p{N}_-]+)/u
const PATH = /\b([A-Z]\w*)\.([a-z]\w*)\b/

/**
 * Reads the lines of a diagram. A title, a note or a comment such as `Order.state` names its field. `heading` is that above the diagram
 * in a document.
 */
export function readStateDiagram(source: SourceText, heading: string | null = null): DataSketch {
  const sketch = newSketch()
  const at = { file: source.file, line: source.line }
  const aliases = new Map<string, string>()
  const transitions: SketchWorkflow['transitions'][number][] = []
  let initial: string | null = null
  let title = heading
  let named: { readonly entity: string; readonly field: string } | null = null
  const nameOf = (state: string): string => aliases.get(state) ?? state.replaceAll('"', '')
  for (const [i, raw] of source.text.split('\n').entries()) {
    const line = raw.trim()
    title = /^title:?\s+(.+)$/.exec(line)?.[1] ?? title
    const alias = ALIAS.exec(line)
    if (alias !== null) aliases.set(alias[2] ?? '', alias[1] ?? '')
    const found = TRANSITION.exec(line.replace(/%%.*$/, '').trim())
    if (found === null) {
      const [, entity, field] = PATH.exec(line) ?? []
      if (named === null && entity !== undefined && field !== undefined) named = { entity, field }
      continue
    }
    const [, from = '', to = '', label = ''] = found
    if (to === '[*]') continue
    if (from === '[*]') initial ??= nameOf(to)
    else {
      const name = label.split(/[/[(]/)[0]?.trim() ?? ''
      transitions.push({
        name: name === '' ? null : name,
        from: nameOf(from),
        to: nameOf(to),
        at: { file: source.file, line: source.line + i },
      })
    }
  }
  if (transitions.length > 0)
    sketch.workflows.push({
      name: named === null ? (title ?? `states ${source.line}`).slice(0, 60) : `${named.entity} ${named.field}`,
      of: named,
      title,
      initial,
      transitions,
      at,
    })
  return sketch
}
