/** Where the parts of a design stand in its files. */

import type { Diagnostic, SourceRef } from '../../base/diagnostic.ts'

export type Path = readonly (string | number)[]

/** The files of a design, and the place in them of each path. A design in TypeScript has a file and no lines: it is executed, not parsed. */
export interface Source {
  /** As the author named it; null for a design that comes from no file. */
  readonly file: string | null
  /** Every file that was read, absolute: what to watch for changes. */
  readonly files: readonly string[]
  /** The place of a path, or of the nearest part above it that exists. */
  readonly at: (path: Path) => SourceRef
}

/** A design that is passed in as a value: paths, and no file. */
export const NO_SOURCE: Source = { file: null, files: [], at: (path) => ({ path }) }

/** A design that was executed: paths, and the file. */
export function moduleSource(file: string, files: readonly string[]): Source {
  return { file, files, at: (path) => ({ path, file }) }
}

/** A design as it was written, or why it could not be read. `files` (absolute) are what was read: what to watch for changes. */
export type DesignRead =
  | { readonly ok: true; readonly design: unknown; readonly source: Source; readonly files: readonly string[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly files: readonly string[] }
