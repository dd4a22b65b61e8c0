/** Parts of the JSON Schema of reports. */

/** A text. */
export const textual = { type: 'string' } as const
/** A count. */
export const whole = { type: 'integer', minimum: 0 } as const
/** A number from 0 on. */
export const amount = { type: 'number', minimum: 0 } as const
/** Texts. */
export const listOfTexts = { type: 'array', items: textual } as const

/** An object with exactly these members. */
export function object(properties: Readonly<Record<string, unknown>>) {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false } as const
}

/** A value of a type, or null. */
export function orNull(type: 'string' | 'integer' | 'number') {
  return { type: [type, 'null'] } as const
}
