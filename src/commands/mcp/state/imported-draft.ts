/** Drafts that are made of documents of other formats: prose with diagrams, SQL, OpenAPI and others. */

import { extname, join, relative } from 'node:path'
import { type FormatName, looksLikeApi } from '../../../import/formats.ts'
import { writeYaml } from '../../../import/write/write-yaml.ts'
import { draftSource } from '../../importing/draft-source.ts'
import { designNameOf } from '../../importing/read-input.ts'
import { type DesignDraft, newDraft } from './drafts.ts'
import { insidePath, readInside } from './inside-path.ts'
import type { Project } from './project.ts'
import { ToolError } from './tool-error.ts'

/** What became of a document. */
export interface ImportedDocument {
  readonly draft: DesignDraft
  readonly source: string
  readonly format: FormatName
  readonly objects: { readonly carried: number; readonly left: number }
  /** What was not carried over, with line and reason. */
  readonly left: readonly string[]
  /** What access questions are open, the most important first. */
  readonly asks: readonly string[]
  readonly entities: number
  readonly requirements: number
}

const DOCUMENTS: ReadonlySet<string> = new Set(
  '.md .markdown .mdx .sql .ddl .pgsql .psql .prisma .dbml .jdl .jh .mmd .mermaid .txt'.split(' '),
)
const ASKED = 5

/**
 * Imports a document that an argument names.
 *
 * @returns null if the argument is a draft, a text, or a file that is no document.
 * @throws ToolError PLN-M002 for a path outside, PLN-M010 for a document that cannot be imported.
 */
export async function importedDraft(project: Project, argument: string): Promise<ImportedDocument | null> {
  if (/^d:|\n|^\s*\{/.test(argument)) return null
  const extension = extname(argument).toLowerCase()
  const isData = ['.yaml', '.yml', '.json'].includes(extension)
  if (!isData && !DOCUMENTS.has(extension)) return null
  const path = relative(project.root, insidePath(project.root, argument))
  const text = readInside(project.root, path).replaceAll('\r\n', '\n')
  if (isData && !looksLikeApi(text)) return null
  const source = { file: path, text, line: 1 }
  const { draft, questions, format, errors } = await draftSource({
    ...{ source, cwd: project.root, target: join(project.root, 'design.yaml'), existing: 'replace', newContract: 'leave' },
    ...{ name: designNameOf(path, project.root), from: undefined },
  })
  const [error] = errors
  if (error !== undefined)
    throw new ToolError('PLN-M010', `a design of ${path} would have errors: ${error.message}`, {
      fix: 'write the design, and review its text',
    })
  return {
    draft: newDraft(project, 'design.yaml', writeYaml(draft, [path])),
    ...{ source: path, format, objects: { carried: draft.carried.length, left: draft.left.length } },
    left: draft.left.map(({ kind, name, at, why }) => `${at.line} ${kind} ${name}: ${why}`),
    asks: questions.slice(0, ASKED).map(({ ask }) => ask),
    entities: Object.keys(draft.design.entities).length,
    requirements: Object.keys(draft.design.requirements ?? {}).length,
  }
}
