/** Imports a text of another format: finds the format, reads a sketch, and makes a draft of it. Nothing of the text is executed. */

import { type MadeDraft, makeDraft } from './draft/make-draft.ts'
import { blockFormat, type FormatName, importFormatOf, readFormat } from './formats.ts'
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
  /** The OpenAPI document that the design names as its contract: the source, or a block of it. Null for a design without one. */
  readonly contract: SourceText | null
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
  const made = await importedAs(found, source, name)
  const { entities, requirements, jobs, contract } = made.draft.design
  if (Object.keys(entities).length > 0 || [requirements, jobs, contract].some((part) => part !== undefined))
    return { ...made, format: found }
  const [first] = made.draft.left
  const why =
    first === undefined ? '' : `; the first thing that was left out: ${first.name} (${first.at.file}:${first.at.line}): ${first.why}`
  throw new ImportError(
    first?.at ?? at,
    `there is no entity and no requirement in it, read as ${found}${why}`,
    'name a file with entities or requirements, or say what it is with --from',
  )
}

type Made = Omit<ImportedDraft, 'format'>

async function importedAs(format: FormatName, source: SourceText, name: string): Promise<Made> {
  if (format === 'openapi') return importApi(source, name)
  const made = makeDraft(await readFormat(format, source), name)
  return format === 'markdown' ? withContract(made, source, name) : { ...made, contract: null }
}

/** Entities, and actions for the operations that are about single rows of them. */
async function importApi(source: SourceText, name: string): Promise<Made> {
  const { readApi } = await import('./openapi/read-openapi.ts')
  const { bindOperations } = await import('./bindings/bind-operations.ts')
  const api = readApi(source)
  const made = makeDraft(api.sketch, name)
  if (api.operations.length === 0) return { ...made, contract: null }
  bindOperations(api, made.draft, { entities: made.entities, file: source.file })
  return { ...made, contract: source }
}

/** The first OpenAPI document in a document becomes a file of its own, and the contract. The operations of others are listed. */
async function withContract(made: MadeDraft, source: SourceText, name: string): Promise<Made> {
  const { fencedBlocks } = await import('./markdown/read-markdown.ts')
  const { readApi } = await import('./openapi/read-openapi.ts')
  const { bindOperations } = await import('./bindings/bind-operations.ts')
  let contract: SourceText | null = null
  for (const { source: block } of fencedBlocks(source).filter((each) => blockFormat(each) === 'openapi')) {
    const api = readable(() => readApi(block))
    if (api === null || api.operations.length === 0) continue
    if (contract === null) {
      contract = { ...block, file: `${name}.openapi.${block.text.trimStart().startsWith('{') ? 'json' : 'yaml'}` }
      bindOperations(api, made.draft, { entities: made.entities, file: contract.file })
      continue
    }
    const why = 'a design has one contract; put the operations into one document'
    for (const { id, method, path, at } of api.operations)
      made.draft.left.push({ kind: 'operation', name: id ?? `${method.toUpperCase()} ${path}`, at: api.document.at(at.path), why })
  }
  return { ...made, contract }
}

/** What a function returns; null if it throws ImportError. */
function readable<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof ImportError) return null
    throw error
  }
}
