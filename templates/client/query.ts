// Queries: filters, orders and selections as parameters of an address.

/** An expression of CEL whose values are quoted. */
export interface Cel {
  readonly kind: 'cel'
  readonly text: string
}

/** @internal */
export type CelValue = string | number | boolean | Date | null | Cel | readonly CelValue[]

/** Makes an expression: cel`author.name == ${name} && likes > ${n}`. Values are quoted, so they are never read as part of it. */
export function cel(texts: TemplateStringsArray, ...values: readonly CelValue[]): Cel {
  return { kind: 'cel', text: texts.map((text, i) => (i === 0 ? text : `${literal(values[i - 1] ?? null)}${text}`)).join('') }
}

function literal(value: CelValue): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return String(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be in an expression`)
      return value < 0 ? `(${value})` : String(value)
  }
  if (value instanceof Date) return `timestamp(${quoted(value.toISOString())})`
  if ('kind' in value) return `(${value.text})`
  return `[${value.map(literal).join(', ')}]`
}

/** JSON quotes as CEL does, and signs that end lines are written as escapes. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** @internal */
export interface Asked {
  readonly fields?: readonly string[]
  readonly include?: object
  readonly filter?: object
  readonly where?: Cel
  readonly sort?: string | readonly string[]
  readonly search?: string
  readonly size?: number
  readonly after?: string
  readonly count?: boolean
}

/** @internal */
export type Parameter = readonly [name: string, value: string]

/** The query of a list or of a row, with its `?`; empty without parameters. @internal */
export function queryText(asked: Asked): string {
  const { where, sort, search, size, after, count } = asked
  const parameters = [...selectionOf(asked), ...conditionsOf(asked.filter ?? {}, '')]
  if (where !== undefined) parameters.push(['filter', where.text])
  if (sort !== undefined) parameters.push(['sort', typeof sort === 'string' ? sort : sort.join(',')])
  if (search !== undefined) parameters.push(['search', search])
  if (size !== undefined) parameters.push(['page[size]', String(size)])
  if (after !== undefined) parameters.push(['page[after]', after])
  if (count === true) parameters.push(['count', 'true'])
  return asQuery(parameters)
}

/** @internal */
export function asQuery(parameters: readonly Parameter[]): string {
  return parameters.map(([name, value], i) => `${i === 0 ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('')
}

function selectionOf({ fields, include }: Asked): Parameter[] {
  const parameters: Parameter[] = []
  const paths: string[] = []
  if (fields !== undefined) parameters.push(['fields', fields.join(',')])
  const into = (included: object, before: string): void => {
    for (const [name, selection] of Object.entries(included) as [string, true | Asked | undefined][]) {
      if (selection === undefined) continue
      const path = `${before}${name}`
      paths.push(path)
      if (selection === true) continue
      if (selection.fields !== undefined) parameters.push([`fields[${path}]`, selection.fields.join(',')])
      into(selection.include ?? {}, `${path}.`)
    }
  }
  into(include ?? {}, '')
  if (paths.length > 0) parameters.push(['include', paths.join(',')])
  return parameters
}

/** `undefined` in a filter would ask for all rows, so it is refused. */
function conditionsOf(filter: object, before: string): Parameter[] {
  return Object.entries(filter).flatMap(([name, condition]): Parameter[] => {
    const path = `${before}${name}`
    if (condition === undefined) throw new TypeError(`filter.${path} is undefined: leave it out to ask for all rows, or ask for null`)
    if (condition === null) return [[`filter[${path}][isNull]`, 'true']]
    if (typeof condition !== 'object' || condition instanceof Date) return [[`filter[${path}]`, valueText(condition)]]
    return Object.entries(condition as object).flatMap(([op, value]): Parameter[] => {
      if (op === 'is') return conditionsOf(value as object, `${path}.`)
      if (value === undefined) throw new TypeError(`filter.${path}.${op} is undefined: leave it out to ask for all rows`)
      if (value === null) return [[`filter[${path}][isNull]`, String(op !== 'ne')]]
      return Array.isArray(value) ? [oneOf(path, op, value)] : [[`filter[${path}][${op}]`, valueText(value)]]
    })
  })
}

/** Values are separated by commas, so those that contain some are asked for by an expression. */
function oneOf(path: string, op: string, values: readonly unknown[]): Parameter {
  const texts = values.map(valueText)
  const isPlain = texts.length > 0 && texts.every((text) => text !== '' && !text.includes(','))
  if (isPlain) return [`filter[${path}][${op}]`, texts.join(',')]
  const list = `${path} in [${values.map((value) => (typeof value === 'string' ? quoted(value) : String(value))).join(', ')}]`
  return ['filter', op === 'nin' ? `!(${list})` : list]
}

function valueText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
