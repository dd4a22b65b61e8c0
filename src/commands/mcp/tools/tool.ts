/** A tool: what clients see of it, and what it does. */

import type { Project } from '../state/project.ts'

/** The arguments of a call, which the schema of the tool allows. */
export type Arguments = Readonly<Record<string, unknown>>

/** The part of JSON Schema that arguments are described with. */
export interface ArgumentSchema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'object' | 'array'
  /** A value of one of several types. */
  readonly anyOf?: readonly ArgumentSchema[]
  readonly description?: string
  readonly enum?: readonly string[]
  readonly maximum?: number
  readonly items?: ArgumentSchema
}

/** A tool of the server. Its answers are objects with `ok`, and often `next`: the call that most often follows. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputs: Readonly<Record<string, ArgumentSchema>>
  readonly required: readonly string[]
  /** The members of the answer, by the type of each. */
  readonly outputs: Readonly<Record<string, 'string' | 'boolean' | 'array' | 'object' | 'integer'>>
  readonly hints: Readonly<Record<string, boolean>>
  /** Whether equal calls that run at the same time share an answer. */
  readonly joins: boolean
  readonly run: (given: Arguments, project: Project) => Promise<ToolAnswer>
}

/** The answer of a tool. */
export type ToolAnswer = { readonly ok: boolean } & Readonly<Record<string, unknown>>

/** The text of an argument; undefined if it was not sent. */
export function argumentText(given: Arguments, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}

/** A call in the words of an answer: `review {"design":"d:…"}`. */
export function callText(tool: string, given: Readonly<Record<string, unknown>>): string {
  return `${tool} ${JSON.stringify(given)}`
}
