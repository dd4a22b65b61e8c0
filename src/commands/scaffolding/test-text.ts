/** Writes first tests as TypeScript. */

import type { Entity, Field } from '../../model/model.ts'
import type { SentOverHttp } from '../../verify/expected/abstract-request.ts'
import type { ReferenceBackend } from '../../verify/expected/reference.ts'
import type { PlainRow } from '../../verify/oracle/oracle-rows.ts'
import { needKey } from '../../verify/review/code-calls.ts'
import { entitiesInOrder } from '../../verify/worlds/extra-rows.ts'
import type { Check, Sketch } from './sketch.ts'

/** What a file of tests is about. */
export interface TestFile {
  /** `action Order.pay`. */
  readonly about: string
  /** The address of the design from the file: `../design.ts`. */
  readonly design: string
  /** Values of the variables that the design names. */
  readonly variables: Readonly<Record<string, string>>
  readonly sketches: readonly Sketch[]
}

/** The text of a file of tests. */
export function testText(reference: ReferenceBackend, { about, design, variables, sketches }: TestFile): string {
  const options = Object.keys(variables).length === 0 ? '' : `, { variables: ${literal(variables, new Map())} }`
  return `// First tests of the ${about}, from the design. They say who may call it and what it takes; add what it does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestBackend } from 'plinth/testing'

const open = () => openTestBackend(new URL('${design}', import.meta.url)${options})

${sketches.map((sketch) => oneTest(reference, sketch)).join('\n')}`
}

function oneTest(reference: ReferenceBackend, { name, user, sent, needs, check }: Sketch): string {
  const { model, rows } = reference
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const asked = JSON.stringify(sent)
  const inserted = entitiesInOrder(model).flatMap((entity) =>
    (rows().get(entity.name) ?? [])
      .filter(({ id }) => needs.has(needKey(entity.name, id)))
      .map((row) => {
        const n = (counts.get(entity.name) ?? 0) + 1
        counts.set(entity.name, n)
        const isCaller = entity.name === model.identity?.entity && String(row.id) === user
        const variable = isCaller ? 'caller' : `${lower(entity.name)}${n === 1 ? '' : n}`
        const values = literal(valuesOf(reference, { entity, row, asked }), names)
        names.set(String(row.id), variable)
        return {
          variable,
          code: isCaller
            ? `await api.signIn(${values === '{}' ? '' : values})`
            : `await api.insert('${entity.name}'${values === '{}' ? '' : `, ${values}`})`,
        }
      }),
  )
  const call = requestCode(sent, { names, caller: user === null ? 'api.anonymous' : 'caller' })
  const after = checkLines(check, names)
  const used = `${call}\n${after.join('\n')}\n${inserted.map(({ code }) => code).join('\n')}`
  const lines = [
    'await using api = await open()',
    ...inserted.map(({ variable, code }) => (new RegExp(`\\b${variable}\\b`).test(used) ? `const ${variable} = ${code}` : code)),
    `const answer = ${call}`,
    ...after,
  ]
  return `test(${literal(name, new Map())}, async () => {\n${lines.map((line) => `  ${line}`).join('\n')}\n})\n`
}

function lower(name: string): string {
  const text = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
  return ['api', 'answer', 'caller', 'open', 'test', 'assert', 'delete', 'new', 'class', 'case', 'default', 'package'].includes(text)
    ? `${text}Row`
    : text
}

function requestCode(
  { method, url, body }: SentOverHttp,
  { names, caller }: { readonly names: ReadonlyMap<string, string>; readonly caller: string },
): string {
  const address = withIds(url, names)
  return body === undefined
    ? `await ${caller}.request('${method}', ${address})`
    : `await ${caller}.request('${method}', ${address}, { body: ${literal(body, names)} })`
}

/** The code of an address in which ids of rows are variables. A number is an id only where it is a whole part: 1 is not in `/v1`. */
export function withIds(url: string, names: ReadonlyMap<string, string>): string {
  const replaced = [...names].reduce((text, [id, name]) => {
    const coded = encodeURIComponent(id)
    return text.replaceAll(/^\d+$/.test(id) ? new RegExp(`(?<=[/=,])${coded}(?=[/?&,]|$)`, 'g') : coded, () => `\${${name}.id}`)
  }, url)
  return replaced === url ? literal(url, new Map()) : `\`${replaced}\``
}

function checkLines(check: Check, names: ReadonlyMap<string, string>): readonly string[] {
  switch (check.kind) {
    case 'status':
      return [`assert.equal(answer.status, ${check.status}, answer.text)`]
    case 'begins':
      return [
        'assert.ok(answer.status < 500, answer.text)',
        "assert.ok(!['not_signed_in', 'illegal_transition', 'validation_failed'].includes(answer.body?.code), answer.text)",
      ]
    case 'no-defect':
      return ['assert.ok(answer.status < 500, answer.text)']
    case 'moved': {
      const row = names.get(check.id) ?? 'row'
      const sql = `select "${check.column}" as state from "${check.entity.table}" where id = $1`
      return [
        'assert.ok(answer.status < 300, answer.text)',
        `assert.deepEqual(await api.sql(${literal(sql, new Map())}, [${row}.id]), [{ state: ${literal(check.to, new Map())} }])`,
      ]
    }
  }
}

interface Inserted {
  readonly entity: Entity
  readonly row: PlainRow
  /** The request as text. */
  readonly asked: string
}

/**
 * The values that decide: references, values of kinds that rules compare, those that checks and guards name, and those that the
 * request names. All rows of the reference satisfy the checks of the design; `insert` fills in samples for what is left out, which may not.
 */
function valuesOf(reference: ReferenceBackend, { entity, row, asked }: Inserted): Readonly<Record<string, unknown>> {
  const rules = rulesOf(reference, entity)
  return Object.fromEntries(
    entity.fields.flatMap((field) => {
      const value = row[field.name] ?? null
      return decides(field, { value, rules, asked }) ? [[field.name, value]] : []
    }),
  )
}

/**
 * The expressions whose result may depend on a row of the entity. Checks and guards of other entities may name its fields by a relation.
 */
function rulesOf({ design, model }: ReferenceBackend, entity: Entity): string {
  const checks = Object.values(design.entities).flatMap((own) => Object.values(own.checks ?? {}).map(({ rule }) => rule))
  const ofActions = model.actions.flatMap(({ allowSource, transition }) => [allowSource, transition?.guardSource])
  return JSON.stringify([entity.access.source, ofActions, checks])
}

interface Deciding {
  readonly value: unknown
  readonly rules: string
  readonly asked: string
}

function decides({ name, system, type, default: preset, optional }: Field, { value, rules, asked }: Deciding): boolean {
  if (system !== null || ['computed', 'password', 'file'].includes(type.kind) || preset?.kind === 'sequence') return false
  const isInRules = new RegExp(`\\b${name}\\b`).test(rules)
  if (value === null) return isInRules && optional && preset !== null
  if (type.kind === 'ref') return true
  if (preset?.kind === 'value' && JSON.stringify(preset.value) === JSON.stringify(value)) return false
  const isNamed = isInRules || (typeof value === 'string' && value.length > 3 && asked.includes(JSON.stringify(value)))
  return type.kind === 'choice' || (type.kind === 'scalar' && type.scalar === 'boolean') || isNamed
}

/** A value as TypeScript; ids of inserted rows become their variables. */
function literal(value: unknown, names: ReadonlyMap<string, string>): string {
  if (typeof value === 'string') {
    const name = names.get(value)
    if (name !== undefined) return `${name}.id`
    const text = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"')
    return `'${text.replaceAll("'", "\\'")}'`
  }
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, names)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const members = Object.entries(value).map(
    ([key, one]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key, new Map())}: ${literal(one, names)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
