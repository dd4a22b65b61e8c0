/** The authored form of random designs, and the values of their rows. */

import type { ActionDesign, ShapeDesign, WorkflowDesign } from '../../../src/design/authoring/logic-design.ts'
import type { ScriptedCode } from './code-scripts.ts'

/** The authored form of a field in these designs. */
export interface AuthoredField {
  readonly type:
    | 'text'
    | 'email'
    | 'password'
    | 'integer'
    | 'boolean'
    | 'choice'
    | 'timestamp'
    | 'date'
    | 'decimal'
    | 'list'
    | 'ref'
    | 'computed'
    | 'sequence'
    | 'token'
  readonly optional?: boolean
  readonly read?: string
  readonly write?: string
  readonly default?: unknown
  /** `auth.` and a claim, as far as these designs go. */
  readonly set?: string
  readonly on?: 'create' | 'write'
  readonly immutable?: boolean
  readonly within?: string
  readonly unique?: boolean | { readonly where: string }
  readonly acyclic?: boolean
  readonly values?: readonly string[]
  readonly of?: { readonly type: 'text' }
  readonly entity?: string
  readonly inverse?: string
  readonly onDelete?: 'restrict' | 'cascade' | 'setNull'
  readonly precision?: number
  readonly scale?: number
  readonly expression?: string
  /** Of a computed field over relations: whose rows it is computed over. */
  readonly as?: 'caller' | 'system'
}

export type HookMoment = 'beforeCreate' | 'afterCreate' | 'beforeUpdate' | 'afterUpdate' | 'beforeDelete' | 'afterDelete'

/** A hook that carries out a script. */
export interface AuthoredHook {
  readonly run: ScriptedCode
  readonly as: 'caller' | 'system'
  readonly within: string
}

export interface AuthoredEntity {
  readonly identity?: {
    readonly login: string
    readonly password: string
    readonly role: string
    readonly claims: readonly string[]
    readonly takenLogin?: 'conflict'
  }
  readonly fields: Readonly<Record<string, AuthoredField>>
  readonly access: {
    readonly read?: string
    readonly create?: string
    readonly update?: string | { readonly from: string; readonly to: string }
    readonly delete?: string
  }
  readonly softDelete?: boolean
  readonly search?: readonly string[]
  readonly indexes?: readonly (readonly string[])[]
  readonly checks?: Readonly<Record<string, { readonly rule: string; readonly message: string }>>
  readonly unique?: readonly (readonly string[])[]
  readonly actions?: Readonly<Record<string, ActionDesign>>
  readonly hooks?: { readonly [Moment in HookMoment]?: AuthoredHook }
}

export interface AuthoredDesign {
  readonly name: string
  readonly rules: Readonly<Record<string, string>>
  readonly entities: Readonly<Record<string, AuthoredEntity>>
  readonly actions?: Readonly<Record<string, ActionDesign>>
  readonly workflows?: Readonly<Record<string, WorkflowDesign>>
  readonly shapes?: Readonly<Record<string, ShapeDesign>>
  readonly serve?: { readonly rest: boolean | string }
  readonly contract?: string
  readonly errors?: { readonly codes: Readonly<Record<string, { readonly status?: number; readonly message: string }>> }
}

export const ROLES = ['user', 'editor', 'admin'] as const
export const TEAMS = ['red', 'blue'] as const
/** Few values, so that some are equal. They are words, so that search and all collations treat them in the same way. */
export const WORDS = ['apple', 'berry', 'cedar', 'delta', 'apple berry', 'cedar apple'] as const
export const NUMBERS = [0, 1, 2, 3, 5] as const
export const TIMES = ['2001-01-01T00:00:00.000Z', '2020-02-29T12:30:00.500Z', '2999-12-31T23:59:59.999Z'] as const
export const DATES = ['2001-01-01', '2024-02-29'] as const
export const DECIMALS = ['0.50', '1.50', '2.25'] as const
