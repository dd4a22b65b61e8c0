/** Reads the templates that a design names. */

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isInside } from './parse-file.ts'

/** Bytes of a template. */
const MAX_BYTES = 262_144

/** A template, as it was found; `path` is the absolute path of the file, null if there is none. */
export type LoadedTemplate =
  | { readonly kind: 'loaded'; readonly text: string; readonly path: string }
  | { readonly kind: 'unusable'; readonly why: string; readonly hint: string; readonly path: string | null }

/** Reads a template relative to the folder of a design. Never throws, and reads nothing outside the folder. */
export function loadTemplate(folder: string, file: string): LoadedTemplate {
  const path = resolve(folder, file)
  const unusable = (why: string, hint: string): LoadedTemplate => ({ kind: 'unusable', why, hint, path })
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true)
    return { kind: 'unusable', why: `there is no file ${file}`, hint: 'make it, or correct the path', path: null }
  if (!isInside(realpathSync(path), realpathSync(folder)))
    return unusable(`${file} is outside the folder of the design`, 'move it into the folder')
  if (stat.size > MAX_BYTES) return unusable(`${file} has ${stat.size} bytes; at most ${MAX_BYTES} are read`, 'make it smaller')
  try {
    return { kind: 'loaded', text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)), path }
  } catch {
    return unusable(`${file} is not UTF-8`, 'save it as UTF-8')
  }
}
