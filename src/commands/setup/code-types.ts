/** Writes the types of code beside a design. */

import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { codeTypes, MADE_BY_PLINTH } from '../../compile/code/code-types.ts'
import { hasCode } from '../../model/has-code.ts'
import type { Model } from '../../model/model.ts'

/** The file with the types of the code of a design: `design.d.ts` for `design.yaml`. */
function typesFile(design: string): string {
  return join(dirname(design), `${basename(design, extname(design))}.d.ts`)
}

/**
 * Writes the types of the code of a design in YAML or JSON, if it names code, also of hooks, and the file is not up to date. A file that
 * Plinth did not make stays as it is. A design in TypeScript has its types itself.
 *
 * @throws Error when the file cannot be written.
 */
export function writeCodeTypes(design: string, model: Model): void {
  if (!/\.(ya?ml|json)$/.test(design) || !hasCode(model)) return
  const file = typesFile(design)
  const known = textOf(file)
  const text = codeTypes(model)
  if (known === text || (known !== null && !known.startsWith(MADE_BY_PLINTH))) return
  writeFileSync(file, text)
}

/** The text of a file; null when it does not exist. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
