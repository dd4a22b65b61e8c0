/** Reads the fenced blocks of a Markdown document whose formats can be imported, merges what they say, and reads what it asks for. */

import { readRequirements } from '../requirements/read-requirements.ts'
import { mergeSketches } from '../sketch/merge.ts'
import { type DataSketch, newSketch } from '../sketch/sketch.ts'
import { ImportError, type SourceText } from '../text/source-file.ts'

/** A block between fences. */
export interface FencedBlock {
  /** The first word behind the fence, in lower case. */
  readonly word: string
  readonly source: SourceText
  /** The heading above it; null without one. */
  readonly heading: string | null
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)/
const MAX_BLOCKS = 1_000

/** The fenced blocks of a document, in order. One that is not closed extends to the end. */
export function fencedBlocks({ file, text, line }: SourceText): readonly FencedBlock[] {
  const blocks: FencedBlock[] = []
  const lines = text.split('\n')
  let heading: string | null = null
  for (let i = 0; i < lines.length && blocks.length < MAX_BLOCKS; i++) {
    heading = /^#{1,6}\s+(.+?)[\s#]*$/.exec((lines[i] ?? '').slice(0, 300))?.[1] ?? heading
    const [, fence, word = ''] = FENCE.exec(lines[i] ?? '') ?? []
    if (fence === undefined) continue
    const closing = new RegExp(`^ {0,3}\\${fence[0]}{${fence.length},}[ \\t]*$`)
    let last = i + 1
    while (last < lines.length && !closing.test(lines[last] ?? '')) last += 1
    const bare = word.replaceAll(/[{}.]/g, '').toLowerCase()
    blocks.push({ word: bare, heading, source: { file, text: lines.slice(i + 1, last).join('\n'), line: line + i + 1 } })
    i = last
  }
  return blocks
}

/** A block that cannot be read is listed, and the others are read. */
function unreadBlock({ word }: FencedBlock, error: unknown): DataSketch {
  if (!(error instanceof ImportError)) throw error
  const sketch = newSketch()
  sketch.left.push({ kind: 'block', name: word === '' ? 'without a word' : word, at: error.at, why: `${error.message}; ${error.hint}` })
  return sketch
}

/** Reads a document. `readBlock` gives null for a block that cannot be imported, such as one with code. */
export async function readMarkdown(source: SourceText, readBlock: (block: FencedBlock) => Promise<DataSketch | null>): Promise<DataSketch> {
  const sketches: DataSketch[] = []
  for (const block of fencedBlocks(source)) {
    const sketch = await readBlock(block).catch((error: unknown) => unreadBlock(block, error))
    if (sketch !== null) sketches.push(sketch)
  }
  return { ...mergeSketches(sketches), requirements: [...readRequirements(source)] }
}
