import type { Read } from './source.ts'
/** Reads. */
export function readDocument(_path: string, _shown: string): Read {
  return { ok: false, diagnostics: [], files: [] }
}
