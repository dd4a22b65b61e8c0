/** Imports a text as `plinth import` does, without files. */

import assert from 'node:assert/strict'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { type ImportInput, importDesign } from '../../src/commands/importing/import-design.ts'
import { settle } from '../../src/commands/importing/settle.ts'
import type { Io, Outcome } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Draft } from '../../src/import/draft/draft.ts'
import type { FormatName } from '../../src/import/formats.ts'
import { importText } from '../../src/import/import.ts'
import { type Question, questionsOf } from '../../src/import/questions/questions.ts'
import { writeYaml } from '../../src/import/write/write-yaml.ts'

export interface Imported {
  readonly draft: Draft
  readonly yaml: string
  readonly questions: readonly Question[]
  /** `kind name: why` of all that was left out. */
  readonly left: readonly string[]
}

/** Imports a text. The design has no errors, and its access is closed. */
export async function imported(file: string, text: string, format: FormatName | null = null): Promise<Imported> {
  const { draft, accounts } = await importText({ file, text, line: 1 }, { name: 'sample', format })
  assert.deepEqual(settle(draft, null).map(formatDiagnostic), [])
  const { diagnostics } = resolveDesign(structuredClone(draft.design), NO_SOURCE)
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic), [])
  for (const entity of Object.values(draft.design.entities)) assert.ok(!('access' in entity))
  return {
    draft,
    yaml: writeYaml(draft, [file]),
    questions: questionsOf(draft, accounts),
    left: draft.left.map(({ kind, name, why }) => `${kind} ${name}: ${why}`),
  }
}

/** Runs the command in this process. What it throws is wrong usage. */
export function importHere(cwd: string, path: string, input: Partial<ImportInput> = {}): Promise<Outcome> {
  const io: Io = {
    cwd,
    env: {},
    style: PLAIN,
    terminal: 'plain',
    observe: () => {},
    stop: new AbortController().signal,
    self: { command: [], supervisor: null },
  }
  return importDesign({ path, out: undefined, format: 'yaml', from: undefined, name: undefined, existing: 'refuse', ...input }, io)
}
