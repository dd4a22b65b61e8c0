/** The OpenAPI document beside an imported design. */

import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { SourceDocument } from '../../design/findings/source.ts'
import { locatedDocument } from '../../design/read/located.ts'
import { MAX_FILE_BYTES, parseFile } from '../../design/read/parse-file.ts'
import type { Draft } from '../../import/draft/draft.ts'
import type { SourceText } from '../../import/text/source-file.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** Where the contract of a design is, and its document; null for a design without one. */
export interface ImportedContract {
  readonly document: SourceDocument
  /** The file to copy or the text to write, and to where; null if it lies in the folder of the design already. */
  readonly copy: { readonly from: string; readonly to: string } | { readonly text: string; readonly to: string } | null
}

/** Where the design goes, and what to do with files that exist. */
export interface ContractPlace {
  /** The file that is imported. */
  readonly source: SourceText
  readonly target: string
  readonly cwd: string
  readonly existing: 'refuse' | 'replace'
}

/**
 * Names the contract as the design has to: relative to its folder, and within it. A document that the language cannot use as a contract is
 * taken out of the draft, with its actions.
 *
 * @throws UsageError if the contract would have to be copied over a file that exists.
 */
export function placeContract(
  draft: Draft,
  contract: SourceText | null,
  { source, target, cwd, existing }: ContractPlace,
): ImportedContract | null {
  if (draft.design.contract === undefined || contract === null) return null
  const isBlock = contract.file !== source.file
  const folder = dirname(target)
  const from = isBlock ? join(folder, contract.file) : resolve(cwd, contract.file)
  const way = relative(folder, from)
  const isInside = way !== '' && !way.startsWith('..') && !way.startsWith(sep)
  const name = isInside ? way.split(sep).join('/') : basename(from)
  const isTooLarge = Buffer.byteLength(contract.text) > MAX_FILE_BYTES
  const findings: Parameters<typeof parseFile>[2] = []
  const root =
    isTooLarge || !/\.(?:ya?ml|json)$/.test(name) ? null : parseFile(from, { file: name, holds: 'contract', text: contract.text }, findings)
  if (root === null || findings.length > 0) {
    const why = isTooLarge
      ? `a contract has at most ${MAX_FILE_BYTES} bytes`
      : (findings[0]?.message ?? 'a contract is a .yaml or .json file')
    leaveContract(draft, why)
    return null
  }
  draft.design.contract = name
  const to = join(folder, name)
  if ((isBlock || !isInside) && existsSync(to) && existing === 'refuse')
    throw new UsageError(
      `${relative(cwd, to) || to} exists, and the contract would be written there`,
      'choose another folder with --out, or add --force',
    )
  const copy = isBlock ? { text: contract.text, to } : isInside ? null : { from, to }
  return { document: locatedDocument(root, name), copy }
}

/** Puts the contract into the folder of the design, if it has to be. */
export function copyContract(contract: ImportedContract | null): void {
  if (contract?.copy == null) return
  if ('text' in contract.copy) writeFileSync(contract.copy.to, contract.copy.text)
  else copyFileSync(contract.copy.from, contract.copy.to)
}

/** Takes the contract and its actions out of a draft; its operations are listed with the reason. */
export function leaveContract(draft: Draft, why: string): void {
  delete draft.design.contract
  delete draft.design.actions
  delete draft.design.serve
  for (const entity of Object.values(draft.design.entities)) delete entity.actions
  draft.left.push(...draft.carried.filter(({ kind }) => kind === 'operation').map(({ kind, name, at }) => ({ kind, name, at, why })))
  draft.carried = draft.carried.filter(({ kind }) => kind !== 'operation')
}
