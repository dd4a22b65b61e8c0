/** Loads the code that a design names by path. */

import { realpathSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type CodeReference, readReference } from '../language/code-reference.ts'
import { type Imported, importAnew } from './load-module.ts'
import { isInside } from './parse-file.ts'
import { thrownFinding } from './thrown.ts'

/** Code that a design names by path, as it was found. `files` are the absolute paths of the files that were read. */
export type LoadedCode =
  | { readonly kind: 'loaded'; readonly code: (...args: never[]) => unknown; readonly files: readonly string[] }
  /** The file or its export does not exist yet. */
  | { readonly kind: 'unwritten'; readonly what: string; readonly files: readonly string[] }
  /** What is there cannot be used. `hint` says what to do. */
  | { readonly kind: 'unusable'; readonly why: string; readonly hint: string; readonly files: readonly string[] }

/** Loads the code of a reference such as `logic/checkout.ts#confirm`. Never throws. */
export type LoadCode = (reference: string) => Promise<LoadedCode>

/**
 * Makes a loader of code, relative to the folder of a design. It executes each file once, with Node's own type stripping; another loader
 * reads the files again.
 */
export function codeLoader(folder: string): LoadCode {
  const imported = new Map<string, Promise<Imported>>()
  return async (reference) => {
    const read = readReference(reference)
    if ('wrong' in read) return { kind: 'unusable', why: read.wrong, hint: 'use a path such as logic/checkout.ts#confirm', files: [] }
    const path = resolve(folder, read.path)
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      return { kind: 'unwritten', what: `there is no file ${read.path}`, files: [] }
    // A link may lead out of the folder.
    if (!isInside(realpathSync(path), realpathSync(folder))) return outside(path)
    const known = imported.get(path) ?? importAnew(path)
    imported.set(path, known)
    const { module, files } = await known
    if (module.ok) return { ...exported(read, module.value), files }
    const { at, message } = thrownFinding(module.error, { path, shown: join(relative('', folder), read.path) })
    const line = at.line === undefined ? '' : `:${at.line}:${at.column}`
    return { kind: 'unusable', why: `${at.file}${line}: ${message}`, hint: 'correct the file', files }
  }
}

type Export =
  | { readonly kind: 'loaded'; readonly code: (...args: never[]) => unknown }
  | { readonly kind: 'unwritten'; readonly what: string }
  | { readonly kind: 'unusable'; readonly why: string; readonly hint: string }

function exported({ path, name }: CodeReference, module: unknown): Export {
  const exports = module as Readonly<Record<string, unknown>>
  if (!Object.hasOwn(exports, name)) return { kind: 'unwritten', what: `${path} has no export ${name}` }
  const code = exports[name]
  if (typeof code === 'function') return { kind: 'loaded', code: code as (...args: never[]) => unknown }
  return { kind: 'unusable', why: `the export ${name} of ${path} is no function`, hint: 'export a function of ctx' }
}

function outside(path: string): LoadedCode {
  return { kind: 'unusable', why: 'the file is outside the folder of the design', hint: 'move it into the folder', files: [path] }
}
