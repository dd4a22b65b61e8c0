/** What a document asks for, as requirements that nothing meets yet. */

import { oneLine } from '../text/source-file.ts'
import type { Drafting } from './draft.ts'

const MOST = 1_000

/** Adds the requirements of a sketch. Each is `open`: which part meets it, a person or an agent says. */
export function addRequirements({ sketch, draft }: Drafting): void {
  const requirements: Record<string, { text: string; source: string; by: 'open' }> = {}
  for (const [i, { id, text, at }] of sketch.requirements.entries()) {
    const object = { kind: 'requirement', name: id, at }
    if (i >= MOST) {
      draft.left.push({ ...object, why: `a design has at most ${MOST} requirements` })
      continue
    }
    requirements[id] = { text: oneLine(text), source: `${oneLine(at.file).replaceAll(':', '-')}:${at.line}`, by: 'open' }
    draft.carried.push({ ...object, path: `requirements.${id}`, note: null })
  }
  if (Object.keys(requirements).length > 0) draft.design.requirements = requirements
}
