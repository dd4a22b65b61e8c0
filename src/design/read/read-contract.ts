/** Reads the contract that a design names. */

import { realpathSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { quote } from '../findings/report.ts'
import type { ContractRead, DesignRead } from '../findings/source.ts'
import { CONTRACT_FILE } from '../language/code-reference.ts'
import { locatedDocument } from './located.ts'
import { isInside, MAX_FILE_BYTES, parseFile } from './parse-file.ts'
import type { Finding } from './read-findings.ts'
import { diagnosticsOf } from './read-findings.ts'

/**
 * Adds the contract to a design that was read. A design without a contract is returned as it is. Never throws.
 *
 * @param folder the folder of the main file of the design; the contract is in it or below it.
 */
export function withContract(read: DesignRead, folder: string): DesignRead {
  const name = read.ok ? contractName(read.design) : null
  if (!read.ok || name === null) return read
  const path = resolve(folder, name)
  const contract = readContract({ name, path }, folder)
  const files = contract.kind === 'unreadable' ? read.files : [...read.files, path]
  return { ...read, files, source: { ...read.source, files, contract } }
}

/** The value of the key `contract`; null if it is not the path of a file, which the check of the structure reports. */
function contractName(design: unknown): string | null {
  if (typeof design !== 'object' || design === null) return null
  // A getter of a module may throw. Copying the design to plain data reports it.
  try {
    const name: unknown = (design as { readonly contract?: unknown }).contract
    return typeof name === 'string' && CONTRACT_FILE.test(name) ? name : null
  } catch {
    return null
  }
}

function readContract({ name, path }: { readonly name: string; readonly path: string }, folder: string): ContractRead {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true)
    return unreadable(`there is no file ${quote(name)}`, 'write its path relative to the main file of the design')
  if (!isInside(realpathSync(path), realpathSync(folder)))
    return unreadable(`${quote(name)} is outside the folder of the design`, 'move the contract into the folder')
  if (stat.size > MAX_FILE_BYTES)
    return unreadable(`${quote(name)} has ${stat.size} bytes; at most ${MAX_FILE_BYTES} are read`, 'remove parts that no operation uses')
  const findings: Finding[] = []
  const file = join(relative('', folder), name)
  const root = parseFile(path, { file, holds: 'contract' }, findings)
  if (root === null || findings.length > 0) return { kind: 'broken', diagnostics: diagnosticsOf(findings) }
  return { kind: 'document', document: locatedDocument(root, file) }
}

function unreadable(why: string, hint: string): ContractRead {
  return { kind: 'unreadable', why, hint }
}
