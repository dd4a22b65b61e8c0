/** Files of a hand-over, and their digests. */

import { createHash } from 'node:crypto'

/** A file of the hand-over. */
export interface DeliveredFile {
  /** Relative to the folder of the hand-over, with slashes. */
  readonly path: string
  readonly content: string | Uint8Array
}

/** The SHA-256 of a content, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The lines of `SHA256SUMS`, in the order of the paths: `sha256sum -c` checks them. */
export function sumsOf(files: readonly DeliveredFile[]): string {
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, content }) => `${sha256(content)}  ${path}\n`)
    .join('')
}

/**
 * The digest of a file or of a folder. That of a folder is of the lines of its files in `SHA256SUMS`:
 * `grep '  code/' SHA256SUMS | sha256sum`.
 *
 * @throws Error if no file is there.
 */
export function digestOf(files: readonly DeliveredFile[], path: string): string {
  const file = files.find((one) => one.path === path)
  if (file !== undefined) return `sha256:${sha256(file.content)}`
  const inside = files.filter((one) => one.path.startsWith(`${path}/`))
  if (inside.length === 0) throw new Error(`the hand-over has no ${path}`)
  return `sha256:${sha256(sumsOf(inside))}`
}

/** A value as a JSON file. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
