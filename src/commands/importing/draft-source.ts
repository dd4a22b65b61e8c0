/** Makes a draft of a source that the language accepts. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { FORMAT_NAMES } from '../../import/formats.ts'
import { type ImportedDraft, importText } from '../../import/import.ts'
import { questionsOf } from '../../import/questions/questions.ts'
import { ImportError, type SourceText } from '../../import/text/source-file.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { type ContractPlace, type ImportedContract, leaveContract, placeContract } from './contract-file.ts'
import { settle } from './settle.ts'

/** A draft that was settled. */
export interface SettledDraft extends ImportedDraft {
  /** Where its contract goes; null for a design without one. */
  readonly placed: ImportedContract | null
  readonly questions: ReturnType<typeof questionsOf>
  /** The errors of the design as a whole: it cannot be used if there are any. */
  readonly errors: readonly Diagnostic[]
}

/** How a source is imported. */
export interface DraftOptions extends ContractPlace {
  readonly name: string
  /** The name of the format; found unless given. */
  readonly from: string | undefined
  /** What becomes of a contract that has to be written as a file of its own. */
  readonly newContract: 'write' | 'leave'
}

/** Imports a source. @throws UsageError, with the line, if it cannot be imported, or if a file is in the way. */
export async function draftSource({ name, from, newContract, ...place }: DraftOptions): Promise<SettledDraft> {
  const imported = await importSource(place.source, { name, format: FORMAT_NAMES.find((each) => each === from) ?? null })
  const { draft, contract } = imported
  if (newContract === 'leave' && contract !== null && contract.file !== place.source.file)
    leaveContract(draft, 'the document is in a block; plinth import writes it into a file of its own')
  const placed = placeContract(draft, contract, place)
  const errors = settle(draft, placed?.document ?? null)
  return { ...imported, placed, errors, questions: questionsOf(draft, imported.accounts) }
}

async function importSource(source: SourceText, as: Parameters<typeof importText>[1]): Promise<ImportedDraft> {
  try {
    return await importText(source, as)
  } catch (error) {
    if (error instanceof ImportError) throw new UsageError(`${error.at.file}:${error.at.line}: ${error.message}`, error.hint)
    throw error
  }
}
