/** Texts that are scripts where nobody escapes them, for rows that mails show. */

import type { Entity } from '../../model/model.ts'
import type { BodyValues } from '../expected/abstract-request.ts'
import type { AllRows } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { Mentions } from '../rules/mentions.ts'

/** The address that nobody may get a mail at. */
export const CANARY_ADDRESS = 'canary@example.net'

/** From the longest to the shortest: scripts, attributes that run something, lines of a header, and tags. */
const TEXTS: readonly string[] = [
  `<script>alert(1)</script>"onload="x"\r\nBcc: ${CANARY_ADDRESS}`,
  '<script>alert(1)</script>"onload="x"',
  '<script>alert(1)</script>',
  '<script>1</script>',
  '<i onload=1>',
]
/** Tables of mails do not get too wide. */
const MOST_CHARACTERS = 200

/**
 * The body with such texts in the fields that take any text, as far as its limits leave room.
 *
 * @param digit tells the texts of bodies apart
 */
export function hostileBody(
  design: WrittenDesign,
  entity: Entity,
  { body, digit }: { readonly body: BodyValues; readonly digit: number },
): BodyValues {
  const textOf = (name: string): string | undefined => textFor(design, entity, name)?.replace(/1\b/, String(digit % 10))
  const changed = Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? (textOf(name) ?? value) : value])
  return Object.fromEntries(changed)
}

/** The rows with such texts in fields that no expression reads and no constraint concerns. */
export function hostileRows(
  design: WrittenDesign,
  entities: readonly Entity[],
  { rows, mentions }: { readonly rows: AllRows; readonly mentions: Mentions },
): AllRows {
  return new Map(
    entities.map((entity) => {
      const read = mentions.get(entity.name)?.fields ?? new Map()
      const texts = entity.fields.flatMap(({ name }) => {
        const text = read.has(name) ? null : textFor(design, entity, name)
        return text === null ? [] : [[name, text] as const]
      })
      const hostile = (row: PlainRow): PlainRow => ({
        ...row,
        ...Object.fromEntries(texts.filter(([name]) => typeof row[name] === 'string')),
      })
      return [entity.name, (rows.get(entity.name) ?? []).map(hostile)]
    }),
  )
}

/** The longest such text that a field takes; null for a field that may not take any text. */
function textFor(design: WrittenDesign, entity: Entity, name: string): string | null {
  const written = design.entities[entity.name]?.fields[name]
  const field = entity.fields.find((one) => one.name === name)
  if (written?.type !== 'text' || written.pattern !== undefined || field?.type.kind !== 'scalar') return null
  if (field.default !== null && field.default.kind !== 'value') return null
  const isUnique = [...entity.uniques, ...entity.conditionalUniques].some(({ fields }) => fields.includes(name))
  const isChecked = Object.values(design.entities[entity.name]?.checks ?? {}).some(({ rule }) => new RegExp(`\\b${name}\\b`).test(rule))
  if (isUnique || isChecked) return null
  const most = typeof written.max === 'number' ? Math.min(written.max, MOST_CHARACTERS) : MOST_CHARACTERS
  const least = typeof written.min === 'number' ? written.min : 0
  return TEXTS.find((text) => text.length <= most && text.length >= least) ?? null
}
