/** Imports a text of another format: finds the format, reads a sketch, and makes a draft of it. Nothing of the text is executed. */

import { type MadeDraft, makeDraft } from './draft/make-draft.ts'
import { type FormatName, importFormatOf, readFormat } from './formats.ts'
import { ImportError, MAX_IMPORT_BYTES, type SourceText } from './text/source-file.ts'

/** What is known of the design that is made. */
export interface ImportOptions {
  /** The name of the design. */
  readonly name: string
  /** The format; found by the name and the beginning of the file unless given. */
  readonly format: FormatName | null
}

/** A draft, and the format of its source. */
export interface ImportedDraft extends MadeDraft {
  readonly format: FormatName
}

/**
 * Makes a draft of a text. The same text always gives the same draft.
 *
 * @throws ImportError for an unknown format, and for a text that cannot be read at all, that is too large or too deep, or that has
 *   neither entities nor requirements.
 */
export async function importText(source: SourceText, { name, format }: ImportOptions): Promise<ImportedDraft> {
  const at = { file: source.file, line: 1 }
  const bytes = Buffer.byteLength(source.text)
  if (bytes > MAX_IMPORT_BYTES)
    throw new ImportError(
      at,
      `the file has ${bytes} bytes; at most ${MAX_IMPORT_BYTES} are read`,
      'import the schema without its rows, or in parts',
    )
  const found = format ?? importFormatOf(source)
  const made = found === 'openapi' ? await importApi(source, name) : makeDraft(await readFormat(found, source), name)
  const { entities, requirements, jobs } = made.draft.design
  if (Object.keys(entities).length > 0 || requirements !== undefined || jobs !== undefined) return { ...made, format: found }
  const [first] = made.draft.left
  const why =
    first === undefined ? '' : `; the first thing that was left out: ${first.name} (${first.at.file}:${first.at.line}): ${first.why}`
  throw new ImportError(
    first?.at ?? at,
    `there is no entity and no requirement in it, read as ${found}${why}`,
    'name a file with entities or requirements, or say what it is with --from',
  )
}

/** Entities, and actions for the operations that are about single rows of them. */
async function importApi(source: SourceText, name: string): Promise<MadeDraft> {
  const { readApi } = await import('./openapi/read-openapi.ts')
  const { bindOperations } = await import('./bindings/bind-operations.ts')
  const api = readApi(source)
  const made = makeDraft(api.sketch, name)
  bindOperations(api, made.draft, { entities: made.entities, file: source.file })
  return made
}
