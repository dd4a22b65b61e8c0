/** Reads the images and attachments of mails. */

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isInside } from './parse-file.ts'

/** Bytes of a file that a mail has with it: many servers refuse mails of more than 10 MiB, and files grow by a third in a mail. */
const MAX_BYTES = 5 * 1_048_576

/** A file as it was found; `path` is its absolute path, null if there is none. */
export type LoadedBytes =
  | { readonly kind: 'loaded'; readonly bytes: Uint8Array; readonly path: string }
  | { readonly kind: 'unusable'; readonly why: string; readonly hint: string; readonly path: string | null }

/** Reads a file relative to the folder of a design. Never throws, and reads nothing outside the folder. */
export function loadBytes(folder: string, file: string): LoadedBytes {
  const path = resolve(folder, file)
  const unusable = (why: string, hint: string): LoadedBytes => ({ kind: 'unusable', why, hint, path })
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true)
    return { kind: 'unusable', why: `there is no file ${file}`, hint: 'make it, or correct the path', path: null }
  if (!isInside(realpathSync(path), realpathSync(folder)))
    return unusable(`${file} is outside the folder of the design`, 'move it into the folder')
  if (stat.size > MAX_BYTES) return unusable(`${file} has ${stat.size} bytes; at most ${MAX_BYTES} are read`, 'make it smaller')
  return { kind: 'loaded', bytes: readFileSync(path), path }
}
