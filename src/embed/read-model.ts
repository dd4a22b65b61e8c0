/** Reads the model of a design that a program passes. */

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Design } from '../design/authoring/design.ts'
import { bindCode } from '../design/code/bind-code.ts'
import { type DesignRead, NO_SOURCE } from '../design/findings/source.ts'
import { readDesign } from '../design/read/read.ts'
import { withContract } from '../design/read/read-contract.ts'
import { resolveDesign } from '../design/resolve/resolve.ts'
import type { Model } from '../model/model.ts'
import { declareRoutes } from '../server/code-routes/declare-routes.ts'
import { DesignError } from './design-error.ts'

/** A design as a value (what `backend({ … })` returns), or the path or `file:` URL of a design file or of a folder with a design file. */
export type DesignSource = Design | string | URL

/** A model that was read from a design. */
export interface ReadModel {
  readonly model: Model
  /** The folder of the design file; the current folder for a design that is a value. */
  readonly folder: string
}

/** Reads and resolves a design. @throws DesignError with all findings when it has errors or cannot be read. */
export async function readModel(source: DesignSource): Promise<ReadModel> {
  const read = await readSource(source)
  if (!read.ok) throw new DesignError(read.diagnostics)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  if (model === null) throw new DesignError(diagnostics)
  const bound = await bindCode(model, read.source)
  if (bound.model === null) throw new DesignError(bound.diagnostics)
  const declared = await declareRoutes(bound.model, read.source)
  if (declared.model === null) throw new DesignError(declared.diagnostics)
  const [main] = read.files
  return { model: declared.model, folder: main === undefined ? process.cwd() : dirname(main) }
}

async function readSource(source: DesignSource): Promise<DesignRead> {
  if (source instanceof URL) return readDesign(fileURLToPath(source))
  if (typeof source === 'string') return readDesign(source)
  return withContract({ ok: true, design: source, source: NO_SOURCE, files: [] }, process.cwd())
}
