/** The parts of TypeScript declarations, as texts. */

/** A member of an interface, and its type. */
export type TypeMember = readonly [name: string, type: string]

/** The lines of an interface. */
export function block(name: string, about: string, members: readonly TypeMember[]): readonly string[] {
  return [`/** ${about} */`, `export interface ${name} {`, ...members.map(([key, type]) => `  readonly ${keyOf(key)}: ${type}`), '}', '']
}

/** The name of a member, in quotes where it is no identifier. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

/** A member of an object type. */
export interface Property {
  readonly name: string
  readonly optional: boolean
  readonly type: string
}

/** An object type: on one line if it is short. */
export function object(members: readonly Property[]): string {
  if (members.length === 0) return 'Record<never, never>'
  const all = members.map(({ name, optional, type }) => `readonly ${keyOf(name)}${optional ? '?' : ''}: ${type}`)
  const line = `{ ${all.join('; ')} }`
  return line.length <= 80 ? line : `{\n    ${all.join('\n    ')}\n  }`
}
