/** From a design file to its model, for every command that takes one. */

import { relative, resolve } from 'node:path'
import type { Diagnostic } from '../../base/diagnostic.ts'
import { readDesign } from '../../design/read/read.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Model } from '../../model/model.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** The finding for a design that is not there; whoever names one wrongly has called the command wrongly. */
const NOT_FOUND = 'PLN-D001'

export interface LoadedDesign {
  /** As the author named it. */
  readonly file: string
  /** The same, absolute. */
  readonly path: string
  /** Every file that was read, absolute: what to watch. */
  readonly files: readonly string[]
  /** Null when there are errors. */
  readonly model: Model | null
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads and resolves the design at `path`, which may be a folder that holds one; the current folder unless given. Problems of the design are findings.
 *
 * @throws UsageError when there is no design.
 */
export async function loadDesign(path: string | undefined, cwd: string): Promise<LoadedDesign> {
  // Findings name the file as it is read here, so a short name makes short findings.
  const read = await readDesign(relative('', resolve(cwd, path ?? '.')) || '.')
  const missing = read.ok ? undefined : read.diagnostics.find((diagnostic) => diagnostic.code === NOT_FOUND)
  if (missing !== undefined)
    throw new UsageError(`${path ?? 'no design here'}: ${missing.message}`, 'name the design, or make one: plinth init <folder>')
  const [main = resolve(cwd, path ?? '.')] = read.files
  const where = { file: relative('', main), path: main, files: read.files }
  if (!read.ok) return { ...where, model: null, diagnostics: read.diagnostics }
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  return { ...where, model, diagnostics }
}
