/** Drafts: designs as texts, each under the hash of its text, so that a client need not send a design again. */

import { lstatSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { insidePath, MAX_BYTES, readInside } from './inside-path.ts'
import type { Project } from './project.ts'
import { keepFile, kept, shortHash } from './state-files.ts'
import { ToolError } from './tool-error.ts'

/** A design that a client names. */
export interface DesignDraft {
  /** `d:` and a hash of path and text. */
  readonly id: string
  /** Where its file is or will be, relative to the folder. */
  readonly path: string
  readonly text: string
}

const DRAFT_ID = /^d:([0-9a-f]{12})$/
const DATA: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])
const DESIGN_FILES: readonly string[] = ['design.yaml', 'design.yml', 'design.json']

/**
 * The design that an argument names: a draft, the text of a design, or the path of a file.
 *
 * @throws ToolError PLN-M002 for a path outside, PLN-M007 for a module, PLN-M008 for a draft that is not there,
 *   PLN-M010 for a missing file.
 */
export function draftOf(project: Project, argument: string): DesignDraft {
  const id = DRAFT_ID.exec(argument)?.[1]
  if (id !== undefined) return draftNamed(project, id)
  if (isText(argument)) return newDraft(project, pathOfText(project, argument), argument)
  const path = relative(project.root, insidePath(project.root, argument))
  if (/^\.m?[jt]s$/.test(extname(path)))
    throw new ToolError('PLN-M007', `${path} is code, which would be executed`, {
      fix: 'name a design in YAML or JSON; plinth plan reads code',
    })
  if (!DATA.has(extname(path)))
    throw new ToolError('PLN-M010', `${path} is no design: that is a file in YAML or JSON`, {
      fix: 'name a .yaml, .yml or .json file; review makes a draft of a document (.md, .sql, .prisma, OpenAPI, …)',
    })
  return newDraft(project, path, readInside(project.root, path))
}

/** The design of the folder; null if it has none. */
export function ownDraft(project: Project): DesignDraft | null {
  const name = DESIGN_FILES.find((file) => lstatSync(join(project.root, file), { throwIfNoEntry: false }) !== undefined)
  return name === undefined ? null : draftOf(project, name)
}

/** Keeps a text as a draft. @throws ToolError PLN-M001 if it is too large. */
export function newDraft(project: Project, path: string, text: string): DesignDraft {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new ToolError('PLN-M001', `the design has more than ${MAX_BYTES} bytes`, { fix: 'split the design with include' })
  const hash = shortHash(path, text)
  keepFile(project.root, 'drafts', hash, { path, text })
  return { id: `d:${hash}`, path, text }
}

/** A draft that was kept is used only if it still has the text of its hash. */
function draftNamed(project: Project, hash: string): DesignDraft {
  const found = kept(project.root, 'drafts', hash) as { readonly path?: unknown; readonly text?: unknown } | null
  const { path, text } = found ?? {}
  if (typeof path !== 'string' || typeof text !== 'string' || shortHash(path, text) !== hash)
    throw new ToolError('PLN-M008', `there is no draft d:${hash}`, { fix: 'send the text of the design, or its path' })
  insidePath(project.root, path)
  return { id: `d:${hash}`, path, text }
}

/** A path has one line; a text in JSON begins with a brace. */
function isText(argument: string): boolean {
  return argument.includes('\n') || argument.trimStart().startsWith('{')
}

/** A text takes the place of the folder's design, unless that has another format. */
function pathOfText(project: Project, text: string): string {
  const json = text.trimStart().startsWith('{') && isJson(text)
  const names = DESIGN_FILES.filter((name) => name.endsWith('.json') === json)
  return names.find((name) => lstatSync(join(project.root, name), { throwIfNoEntry: false }) !== undefined) ?? names[0] ?? 'design.yaml'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
