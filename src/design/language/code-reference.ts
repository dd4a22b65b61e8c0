/** Paths that a design names: code with its export, such as `logic/checkout.ts#confirm`, and its contract. */

import { posix } from 'node:path'

/** A file and its export. */
export interface CodeReference {
  /** The path, relative to the folder of the design. */
  readonly path: string
  /** `default` unless the reference names another. */
  readonly name: string
}

/** How a design names its contract: a relative path of a YAML or JSON file, without `..`. */
export const CONTRACT_FILE = /^(?!.*(?:^|\/)\.\.(?:\/|$))(?:\.\/)?[\w-][\w./-]*\.(?:ya?ml|json)$/

const EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs'])

/** Reads a reference. Returns what is wrong with it as a sentence for a finding. */
export function readReference(text: string): CodeReference | { readonly wrong: string } {
  const [path = '', name = 'default', ...more] = text.split('#')
  if (more.length > 0 || !/^[A-Za-z_$][\w$]*$/.test(name)) return { wrong: 'expected a path and, after #, the name of an export' }
  if (!EXTENSIONS.has(posix.extname(path))) return { wrong: 'expected the path of a .ts, .mts, .js or .mjs file' }
  if (path.includes('\\') || path.includes('\u0000')) return { wrong: 'expected a path with / between its parts' }
  const plain = posix.normalize(path)
  if (posix.isAbsolute(plain) || plain.startsWith('../')) return { wrong: 'the file is outside the folder of the design' }
  return { path: plain, name }
}
