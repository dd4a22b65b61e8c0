/** Reads a design from a file in TypeScript, JavaScript, YAML or JSON. */

import { statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { quote, reportOn } from '../findings/report.ts'
import type { DesignRead } from '../findings/source.ts'
import { moduleSource } from '../findings/source.ts'
import { loadModule } from './load-module.ts'
import { MAX_FILE_BYTES } from './parse-file.ts'
import { withContract } from './read-contract.ts'
import { readDocument, readDocumentText } from './read-document.ts'

/** The first of these files in a folder is the design. */
const DESIGN_FILES: readonly string[] = ['design.ts', 'design.yaml', 'design.yml', 'design.json']
const MODULES: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs'])
const DOCUMENTS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])

/** Reads the design at a path: a file, or a folder that holds one. Never throws: every problem is a finding. */
export async function readDesign(file: string): Promise<DesignRead> {
  const found = findDesign(file)
  if (!found.ok) return found.failure
  const { path, shown } = found
  const read = MODULES.has(extname(path)) ? await loadModule(path, shown) : readDocument(path, shown)
  return withContract(read, dirname(path))
}

/**
 * Reads a text in YAML or JSON as the design at `path`, as if the file had it. Files that it names are relative to its folder. Never
 * throws.
 */
export function readDesignText(text: string, path: string): DesignRead {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_FILE_BYTES) return tooLarge(path, bytes).failure
  return withContract(readDocumentText(text, resolve(path), path), dirname(resolve(path)))
}

type Found = { readonly ok: true; readonly path: string; readonly shown: string } | Failed

interface Failed {
  readonly ok: false
  readonly failure: DesignRead
}

function findDesign(file: string): Found {
  const kind = kindOf(file)
  if (kind === 'none') return missing(file, 'there is no such file or folder', `make one with plinth init, or name the design's file`)
  if (kind === 'folder') {
    const name = DESIGN_FILES.find((candidate) => kindOf(join(file, candidate)) === 'file')
    return name === undefined ? missing(file, `the folder holds none of ${DESIGN_FILES.join(', ')}`) : checkFile(join(file, name))
  }
  return checkFile(file)
}

function checkFile(file: string): Found {
  const path = resolve(file)
  const extension = extname(file)
  if (!MODULES.has(extension) && !DOCUMENTS.has(extension)) {
    return failed(file, 'PLN-D003', `${quote(extension)} files hold no design`, 'use .ts, .mts, .js, .mjs, .yaml, .yml or .json')
  }
  const { size } = statSync(path)
  if (size > MAX_FILE_BYTES) return tooLarge(file, size)
  return { ok: true, path, shown: file }
}

function kindOf(path: string): 'file' | 'folder' | 'none' {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true ? 'file' : stat?.isDirectory() === true ? 'folder' : 'none'
}

function missing(file: string, message: string, hint?: string): Found {
  return failed(file, 'PLN-D001', message, hint)
}

function tooLarge(file: string, size: number): Failed {
  return failed(file, 'PLN-D004', `the file has ${size} bytes; at most ${MAX_FILE_BYTES} are read`)
}

function failed(file: string, code: 'PLN-D001' | 'PLN-D003' | 'PLN-D004', ...said: readonly [message: string, hint?: string]): Failed {
  const report = reportOn(moduleSource(file, []))
  report.add(code, [], ...said)
  return { ok: false, failure: { ok: false, diagnostics: report.list, files: [resolve(file)] } }
}
