/**
 * Follows hints that say what to write. The finding must then be gone, without a new one. The designs are those under test/rejects; the
 * hints are those of resolving and reviewing a design.
 */

import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { type Diagnostic, formatDiagnostic, hasErrors } from '../../src/base/diagnostic.ts'
import type { DiagnosticCode } from '../../src/design/findings/catalogue.ts'
import { withRemedy } from '../../src/design/findings/report.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { followLogic, followRequirement } from './follow-logic.ts'

const FOLDER = join(import.meta.dirname, '../rejects')

// biome-ignore lint/suspicious/noExplicitAny: a design of any shape, which the hints change
type Part = any

/** Hints that leave a choice to the author and name no text to write. */
const ADVICE: readonly RegExp[] = [
  /^(choose|rename|use|write it like|write its|write the rule|declare|give it a default, make|give the id|give them|make one|make these writes|open read)/,
  /^(write two steps|it is one of|give the step another|move this step|let one of|use create|add on, such|add \w+ to set|add input: |add a transition|say in allow|narrow the row|add where to|count a relation|write an addition|use fields|give it a value|make the input)/,
  /^(a claim is|id and role are|the events of|the states are|the fields are|leave|make the first with: plinth grant|remove was|remove the segment|say with where|let the contract|write \{ type: list, of: … \}|add a condition that compares|precision counts|set \w+ on one|add a when that|make sure that|nothing ends it)/,
  /^(name (?:a row|rows) of|its \w+(?: of \w+)? are|write (?:calls|a status|on: and)|the (?:codes|actions) are|give it a value, or)/,
  /^(it has |a path begins with|write the path below|write letters, digits)/,
  /^(make it an action of the design|name the header of the id|take it from the body|write id: body)/,
]

/** Changes the design as the hint of the finding says; false for a hint that says nothing to write. */
function follow(design: Part, finding: Diagnostic): boolean {
  if (followLogic(design, finding) || followRequirement(design, finding)) return true
  const { code, hint = '', message, at } = finding
  const entity = design.entities?.[at.path[1] ?? '']
  if (code === 'PLN-D401') {
    entity.access ??= {}
    for (const operation of ['read', 'create', 'update', 'delete']) entity.access[operation] ??= 'false'
    return true
  }
  if (code === 'PLN-D403') {
    const holder = at.path.slice(0, -1).reduce((part: Part, key) => part[key], design)
    const key = at.path.at(-1) ?? ''
    holder[key] = `auth.id != null && (${holder[key]})`
    return true
  }
  const named = /^set (path|table), such as \1: (\S+)$/.exec(hint)
  if (named !== null) {
    entity[named[1] ?? ''] = named[2]
    return true
  }
  if (hint.startsWith('remove the field')) {
    delete entity.fields[at.path[3] ?? '']
    return true
  }
  const added =
    /^(?:(\w+) may be too long for an index, so give it a max of (\d+) characters and )?add (\[[^\]]+\]) to the indexes of (\w+)/.exec(hint)
  if (added !== null) {
    const other = design.entities[added[4] ?? '']
    if (added[1] !== undefined) other.fields[added[1]].max = Number(added[2])
    other.indexes = [...(other.indexes ?? []), JSON.parse((added[3] ?? '').replaceAll("'", '"'))]
    return true
  }
  const frozen = /^add immutable: true to (\w+)/.exec(hint)?.[1]
  if (frozen !== undefined) {
    entity.fields[frozen].immutable = true
    return true
  }
  const required = /^make (\w+) required/.exec(hint)?.[1]
  if (required !== undefined) {
    delete entity.fields[required].optional
    return true
  }
  const removed = /^remove "?(\w+)"?/.exec(hint)?.[1]
  if (code === 'PLN-D415' && removed !== undefined) {
    entity.identity.claims = entity.identity.claims.filter((claim: string) => claim !== removed)
    return true
  }
  const field = fieldAt(design, at.path, message)
  return field !== null && followInField(field, entity, hint)
}

function followInField(field: Part, entity: Part, hint: string): boolean {
  const removed = /^remove (\w+)/.exec(hint)?.[1]
  if (removed !== undefined && removed in field) {
    delete field[removed]
    return true
  }
  const max = /^give it a max of (\d+) characters/.exec(hint)?.[1]
  if (max !== undefined) field.max = Number(max)
  const [first = ''] = hint.split(/, or /)
  const written = [...first.matchAll(/\b(write|default|set|on|optional|unique): (?:'([^']*)'|true)/g)]
  const wrapped = /(auth\.\w+ != null) && \(…\) in ([\w, ]+)$/.exec(first)
  for (const [, key = '', text] of written) field[key] = text ?? true
  if (hint.includes('instead of default')) {
    delete field.default
    delete field.immutable
  }
  for (const operation of wrapped?.[2]?.split(/, | and /) ?? []) {
    entity.access[operation] = `${wrapped?.[1]} && (${entity.access[operation]})`
  }
  return written.length > 0 || wrapped !== null || max !== undefined
}

/** The field that a finding is about: the one at its path, or the one that the identity names. */
function fieldAt(design: Part, path: Diagnostic['at']['path'], message: string): Part | null {
  const entity = design.entities?.[path[1] ?? '']
  if (path[2] === 'fields') return entity?.fields?.[path[3] ?? ''] ?? null
  if (path[2] === 'identity') return entity?.fields?.[/"(\w+)"/.exec(message)?.[1] ?? ''] ?? null
  return null
}

const placeOf = ({ code, at }: Diagnostic): string => `${code} ${at.path.join('.')}`

/**
 * Findings of a document that cannot be read, of its structure, of expressions, and of mails: their hints are about characters of a text.
 * Those of a contract are about two documents.
 */
const ELSEWHERE = /^PLN-D(?:[013]|50[345]|53[6-9]|540|58|64)/

/** Whether the finding has a hint of its own, and not the remedy of its code. */
function hasOwnHint({ code, message, hint }: Diagnostic): boolean {
  return hint !== undefined && hint !== withRemedy(code as DiagnosticCode, message).hint
}

const followed = new Set<string>()

for (const file of globSync('*.yaml', { cwd: FOLDER }).toSorted()) {
  test(`the hints about ${basename(file)} lead to a design without their findings`, async () => {
    const read = await readDesign(join(FOLDER, file))
    if (!read.ok) return
    const source = { ...NO_SOURCE, contract: read.source.contract }
    const before = resolveDesign(read.design, source).diagnostics
    for (const finding of before.filter((one) => hasOwnHint(one) && !ELSEWHERE.test(one.code))) {
      const design: Part = structuredClone(read.design)
      if (!follow(design, finding)) {
        const known = ADVICE.some((advice) => advice.test(finding.hint ?? ''))
        assert.ok(known, `nothing follows the hint of ${formatDiagnostic(finding)}`)
        continue
      }
      followed.add(finding.code)
      const after: readonly Diagnostic[] = resolveDesign(design, source).diagnostics
      // The review begins after the last error is gone, so its findings do not come from the hint.
      const known = new Set(before.map(placeOf))
      const begins = hasErrors(before) && !hasErrors(after)
      const added = after.filter((one) => !known.has(placeOf(one)) && !(begins && one.code.startsWith('PLN-D4')))
      assert.deepEqual(added.map(formatDiagnostic), [], `after following ${formatDiagnostic(finding)}`)
      const same = (one: Diagnostic): boolean => placeOf(one) === placeOf(finding) && one.message === finding.message
      assert.ok(!after.some(same), `still there after following: ${formatDiagnostic(finding)}`)
    }
  })
}

test('hints of the review are followed for each of these codes', () => {
  const codes = [
    'PLN-D401',
    'PLN-D403',
    'PLN-D408',
    'PLN-D409',
    'PLN-D412',
    'PLN-D413',
    'PLN-D414',
    'PLN-D415',
    'PLN-D701',
    'PLN-D704',
    'PLN-D711',
  ]
  assert.deepEqual(
    codes.filter((code) => !followed.has(code)),
    [],
  )
})
