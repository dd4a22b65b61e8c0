/** Reads the files that a design names: templates of pages, and images and attachments of mails. */

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isInside } from './parse-file.ts'

/** Bytes of a template of a page. */
const MAX_TEXT_BYTES = 262_144
/** Bytes of a file that a mail has with it: many servers refuse mails of more than 10 MiB, and files grow by a third in a mail. */
const MAX_BYTES = 5 * 1_048_576

/** Why a file cannot be used; `path` is its absolute path, null if there is none. */
export interface Unusable {
  readonly kind: 'unusable'
  readonly why: string
  readonly hint: string
  readonly path: string | null
}

/** A file as it was found; `path` is its absolute path. */
export type LoadedBytes = { readonly kind: 'loaded'; readonly bytes: Uint8Array; readonly path: string } | Unusable

/** A text as it was found; `path` is the absolute path of the file. */
export type LoadedText = { readonly kind: 'loaded'; readonly text: string; readonly path: string } | Unusable

/** Reads a file relative to the folder of a design. Never throws, and reads nothing outside the folder. */
export function loadBytes(folder: string, file: string, most: number = MAX_BYTES): LoadedBytes {
  const path = resolve(folder, file)
  const unusable = (why: string, hint: string): Unusable => ({ kind: 'unusable', why, hint, path })
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true)
    return { kind: 'unusable', why: `there is no file ${file}`, hint: 'make it, or correct the path', path: null }
  if (!isInside(realpathSync(path), realpathSync(folder)))
    return unusable(`${file} is outside the folder of the design`, 'move it into the folder')
  if (stat.size > most) return unusable(`${file} has ${stat.size} bytes; at most ${most} are read`, 'make it smaller')
  return { kind: 'loaded', bytes: readFileSync(path), path }
}

/** Reads a text in UTF-8, as `loadBytes` does. */
export function loadText(folder: string, file: string): LoadedText {
  const loaded = loadBytes(folder, file, MAX_TEXT_BYTES)
  if (loaded.kind === 'unusable') return loaded
  const { path } = loaded
  try {
    return { kind: 'loaded', text: new TextDecoder('utf-8', { fatal: true }).decode(loaded.bytes), path }
  } catch {
    return { kind: 'unusable', why: `${file} is not UTF-8`, hint: 'save it as UTF-8', path }
  }
}
