/** Where the parts of a design stand in its files. */

import type { Diagnostic, SourceRef } from '../../base/diagnostic.ts'

/** Keys and indexes that lead to a part of a design. */
export type Path = readonly (string | number)[]

/** A document beside the design: its values, and the place of each path in it. */
export interface SourceDocument {
  /** The file as findings name it. */
  readonly file: string
  readonly value: unknown
  readonly at: (path: Path) => SourceRef
}

/** The contract that a design names, or why it could not be read. */
export type ContractRead =
  | { readonly kind: 'document'; readonly document: SourceDocument }
  /** There is no such file, or it may not be read. */
  | { readonly kind: 'unreadable'; readonly why: string; readonly hint: string }
  /** The file is no YAML or JSON. */
  | { readonly kind: 'broken'; readonly diagnostics: readonly Diagnostic[] }

/** The files of a design, and the place of each path in them. A TypeScript design has no lines, because it is executed and not parsed. */
export interface Source {
  /** The file as the author named it; null for a design without a file. */
  readonly file: string | null
  /** Absolute paths of all files that were read, to watch for changes. */
  readonly files: readonly string[]
  /** The place of a path, or of the nearest part above it that exists. */
  readonly at: (path: Path) => SourceRef
  /** The document that the key `contract` names; null for a design that names none. */
  readonly contract: ContractRead | null
}

/** The source of a design that is passed in as a value. */
export const NO_SOURCE: Source = { file: null, files: [], at: (path) => ({ path }), contract: null }

/** The source of a design that is a module: findings name the file and no line. */
export function moduleSource(file: string, files: readonly string[]): Source {
  return { file, files, at: (path) => ({ path, file }), contract: null }
}

/** A design as it was written, or why it could not be read. `files` are the absolute paths of the files that were read. */
export type DesignRead =
  | { readonly ok: true; readonly design: unknown; readonly source: Source; readonly files: readonly string[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly files: readonly string[] }
