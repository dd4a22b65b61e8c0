/** A small bank for tests with concurrent callers: a design, and a model of each request's effect that uses no SQL. */

/**
 * Accounts with limits, a unique code and row rules; lines that are deleted with their account; slots, of which a rule allows at most three
 * per group.
 */
export const bank = {
  name: 'bank',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user' },
      },
      access: { read: 'id == auth.id' },
    },
    Account: {
      fields: {
        name: { type: 'text', max: 40 },
        code: { type: 'text', max: 10, optional: true, unique: true },
        balance: { type: 'integer', min: 0, max: 100, default: 10 },
        open: { type: 'boolean', default: true },
        frozen: { type: 'boolean', default: false },
        owner: { type: 'ref', entity: 'User', default: { expression: 'auth.id' }, immutable: true, write: 'auth.role == "admin"' },
      },
      access: {
        read: 'open || owner.id == auth.id || auth.role == "admin"',
        create: 'auth.id != null',
        update: { from: 'owner.id == auth.id || auth.role == "admin"', to: '!frozen || auth.role == "admin"' },
        delete: '(owner.id == auth.id && balance == 0) || auth.role == "admin"',
      },
    },
    Line: {
      fields: { name: { type: 'text', max: 40 }, account: { type: 'ref', entity: 'Account', inverse: 'lines', onDelete: 'cascade' } },
      access: { read: 'true', create: 'auth.id != null' },
    },
    Group: { fields: { name: { type: 'text', max: 40 } }, access: { read: 'true' } },
    Slot: {
      fields: { name: { type: 'text', max: 40 }, group: { type: 'ref', entity: 'Group', inverse: 'slots', onDelete: 'cascade' } },
      access: { read: 'true', create: 'group.slots.size() < 3' },
    },
  },
} as const

export const CALLERS = ['nobody', 'ann', 'bob', 'root'] as const
export type CallerName = (typeof CALLERS)[number]

export interface Account {
  readonly name: string
  readonly code: string | null
  readonly balance: number
  readonly open: boolean
  readonly frozen: boolean
  readonly owner: CallerName
  readonly version: number
}

/** The state: accounts by name, the account of each line, the group of each slot. */
export interface World {
  /** Writing an account with this balance exceeds the timeout of a statement. */
  readonly slow: number | null
  readonly accounts: ReadonlyMap<string, Account>
  readonly lines: ReadonlyMap<string, string>
  readonly slots: ReadonlyMap<string, string>
}

export const GROUPS = ['g0', 'g1'] as const
export const NAMES = ['a0', 'a1', 'a2', 'a3'] as const
export const CODES = ['x', 'y', 'z', null] as const
/** The balance that makes a write slow, in schedules with slow calls. Some calls reach it from the seeded balances. */
export const SLOW = 70

/** The state before each schedule. */
export const SEEDED: World = {
  slow: null,
  accounts: new Map(
    NAMES.map((name, i): [string, Account] => [
      name,
      {
        name,
        code: i < 2 ? (['x', 'y'][i] ?? null) : null,
        balance: i * 20,
        open: i !== 2,
        frozen: false,
        owner: i % 2 === 0 ? 'ann' : 'bob',
        version: 1,
      },
    ]),
  ),
  lines: new Map([['l0', 'a0']]),
  slots: new Map([['s0', 'g0']]),
}

type Change = { readonly [K in 'code' | 'balance' | 'open' | 'frozen']?: Account[K] } & { readonly add?: number }

/** A call. It names rows, and only rows that exist before the schedule. */
export type Call = { readonly caller: CallerName } & (
  | { readonly kind: 'create'; readonly rows: readonly Pick<Account, 'name' | 'code' | 'balance'>[] }
  | { readonly kind: 'change'; readonly name: string; readonly change: Change; readonly ifVersion: number | null }
  | { readonly kind: 'delete'; readonly name: string; readonly ifVersion: number | null }
  | { readonly kind: 'get'; readonly name: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'line'; readonly name: string; readonly account: string }
  | { readonly kind: 'slot'; readonly name: string; readonly group: string }
  /** Both calls in one transaction: both succeed or none. */
  | { readonly kind: 'transfer'; readonly from: string; readonly to: string; readonly amount: number }
)

const TIMED_OUT = '503 statement_timeout'

/** The predictable part of a call's answer, and the state after the call. */
export interface Effect {
  readonly answer: string
  readonly world: World
}

/** The id of a user or of a row that exists before the schedule. */
export function idOf(name: string): string {
  return `01900000-0000-7000-8000-000000000${name.replace(/\D/, (letter) => letter.charCodeAt(0).toString(16))}`
}

/** The effect of a call on the state. */
export function apply(world: World, call: Call): Effect {
  switch (call.kind) {
    case 'create':
      return create(world, call)
    case 'change': {
      const { name, change, ifVersion } = call
      const after = changed(world, call.caller, { name, change, ifVersion })
      return typeof after === 'string' ? { answer: after, world } : { answer: `200 ${shown(after)}`, world: withAccount(world, after) }
    }
    case 'delete':
      return remove(world, call)
    case 'get': {
      const account = visible(world, call.caller, call.name)
      return { answer: account === undefined ? '404 not_found' : `200 ${shown(account)}`, world }
    }
    case 'list': {
      const seen = [...world.accounts.values()].filter((a) => mayRead(call.caller, a)).map(shown)
      return { answer: `200 ${seen.sort().join(' ')}`, world }
    }
    case 'line': {
      if (call.caller === 'nobody') return { answer: '401 not_signed_in', world }
      if (visible(world, call.caller, call.account) === undefined) return { answer: '400 validation_failed /account', world }
      return { answer: '201', world: { ...world, lines: new Map([...world.lines, [call.name, call.account]]) } }
    }
    case 'slot': {
      const taken = [...world.slots.values()].filter((group) => group === call.group).length
      if (taken >= 3) return { answer: '403 forbidden', world }
      return { answer: '201', world: { ...world, slots: new Map([...world.slots, [call.name, call.group]]) } }
    }
    case 'transfer': {
      const out = changed(world, call.caller, { name: call.from, change: { add: -call.amount }, ifVersion: null })
      if (typeof out === 'string') return { answer: `${out} in 0`, world }
      const between = withAccount(world, out)
      const into = changed(between, call.caller, { name: call.to, change: { add: call.amount }, ifVersion: null })
      if (typeof into === 'string') return { answer: `${into} in 1`, world }
      return { answer: `200 ${shown(out)} ${shown(into)}`, world: withAccount(between, into) }
    }
  }
}

/** A state as text; equal states have equal texts. */
export function worldText({ accounts, lines, slots }: World): string {
  const sorted = (items: Iterable<string>): string => [...items].sort().join('\n')
  return [
    sorted([...accounts.values()].map((a) => JSON.stringify([a.name, a.code, a.balance, a.open, a.frozen, a.owner, a.version]))),
    sorted([...lines].map((pair) => pair.join(' of '))),
    sorted([...slots].map((pair) => pair.join(' of '))),
  ].join('\n--\n')
}

function shown({ name, code, balance, open, frozen, version }: Account): string {
  return `${name}(${code},${balance},${open},${frozen},${version})`
}

function isAdmin(caller: CallerName): boolean {
  return caller === 'root'
}

function mayRead(caller: CallerName, account: Account): boolean {
  return account.open || account.owner === caller || isAdmin(caller)
}

function visible(world: World, caller: CallerName, name: string): Account | undefined {
  const account = world.accounts.get(name)
  return account !== undefined && mayRead(caller, account) ? account : undefined
}

function withAccount(world: World, account: Account): World {
  return { ...world, accounts: new Map([...world.accounts, [account.name, account]]) }
}

function isTaken(world: World, code: string | null, except: string | null): boolean {
  return code !== null && [...world.accounts.values()].some((a) => a.code === code && a.name !== except)
}

function create(world: World, { caller, rows }: Extract<Call, { kind: 'create' }>): Effect {
  if (caller === 'nobody') return { answer: '401 not_signed_in', world }
  if (rows.some((row) => row.balance < 0 || row.balance > 100)) return { answer: '400 validation_failed /balance', world }
  let after = world
  for (const row of rows) {
    if (row.balance === world.slow) return { answer: TIMED_OUT, world }
    if (isTaken(after, row.code, null)) return { answer: '409 already_taken /code', world }
    after = withAccount(after, { ...row, open: true, frozen: false, owner: caller, version: 1 })
  }
  return {
    answer: `201 ${rows.map((row) => shown({ ...row, open: true, frozen: false, owner: caller, version: 1 })).join(' ')}`,
    world: after,
  }
}

/** The account after the change, or the refusal. */
function changed(
  world: World,
  caller: CallerName,
  { name, change, ifVersion }: Pick<Extract<Call, { kind: 'change' }>, 'name' | 'change' | 'ifVersion'>,
): Account | string {
  if (caller === 'nobody') return '401 not_signed_in'
  if (change.balance !== undefined && (change.balance < 0 || change.balance > 100)) return '400 validation_failed /balance'
  const before = visible(world, caller, name)
  if (before === undefined) return '404 not_found'
  if (before.owner !== caller && !isAdmin(caller)) return '403 forbidden'
  if (ifVersion !== null && ifVersion !== before.version) return '412 stale_version'
  const { add, ...set } = change
  const after = { ...before, ...set, ...(add === undefined ? {} : { balance: before.balance + add }), version: before.version + 1 }
  if (after.frozen && !isAdmin(caller)) return '403 forbidden'
  if (after.balance === world.slow) return TIMED_OUT
  if (after.balance < 0 || after.balance > 100) return '400 validation_failed /balance'
  return isTaken(world, after.code, name) ? '409 already_taken /code' : after
}

function remove(world: World, { caller, name, ifVersion }: Extract<Call, { kind: 'delete' }>): Effect {
  if (caller === 'nobody') return { answer: '401 not_signed_in', world }
  const account = visible(world, caller, name)
  if (account === undefined) return { answer: '404 not_found', world }
  if (!isAdmin(caller) && (account.owner !== caller || account.balance !== 0)) return { answer: '403 forbidden', world }
  if (ifVersion !== null && ifVersion !== account.version) return { answer: '412 stale_version', world }
  const accounts = new Map([...world.accounts].filter(([other]) => other !== name))
  const lines = new Map([...world.lines].filter(([, other]) => other !== name))
  return { answer: '204', world: { ...world, accounts, lines } }
}
