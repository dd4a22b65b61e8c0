/** Settings of DBML: `[pk, not null, default: 'x', ref: > users.id, note: 'text']`. */

import { type Token, tokenReader } from '../text/tokens.ts'

/** A setting: its words in lower case, and the tokens of its value. */
export interface DbmlSetting {
  readonly name: string
  readonly value: readonly Token[]
}

/** The settings in the first square brackets of a line; none without. */
export function settingsOf(tokens: readonly Token[]): readonly DbmlSetting[] {
  const reader = tokenReader(tokens)
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    // `int[]` and `int[3]` are types
    if (token.kind !== 'sign' || token.value !== '[') continue
    const inside = reader.block('[', ']').filter(({ kind }) => kind !== 'line' && kind !== 'comment')
    if (inside.length > 1 || (inside[0] !== undefined && !/^\d+$/.test(inside[0].value))) return split(inside)
  }
  return []
}

function split(tokens: readonly Token[]): readonly DbmlSetting[] {
  const settings: DbmlSetting[] = []
  let name: string[] = []
  let value: Token[] | null = null
  let depth = 0
  const end = (): void => {
    if (name.length > 0) settings.push({ name: name.join(' ').toLowerCase(), value: value ?? [] })
    name = []
    value = null
  }
  for (const token of tokens) {
    const isSign = token.kind === 'sign'
    if (isSign && token.value === '(') depth += 1
    if (isSign && token.value === ')') depth -= 1
    if (isSign && token.value === ',' && depth === 0) end()
    else if (isSign && token.value === ':' && value === null) value = []
    else if (value === null) name.push(token.value)
    else value.push(token)
  }
  end()
  return settings
}

/** The value of a setting as a text; undefined without the setting. */
export function settingText(settings: readonly DbmlSetting[], name: string): string | undefined {
  const found = settings.find((setting) => setting.name === name)
  return found?.value.map(({ value }) => value).join(' ')
}
