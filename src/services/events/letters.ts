/** What operators do with events: look at those that wait or were given up, try them again, drop them, and deliver old ones again. */

import { isoText } from '../../base/sql/iso-text.ts'
import { ident, literal, numberLiteral, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Run, Statement, Values } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { EVENTS_TABLE, SYSTEM_SCHEMA } from '../../model/database.ts'
import { releaseAllRows, STILL_RUNNING } from './waiting.ts'

const WAITING = ident(SYSTEM_SCHEMA, 'event_waiting')
const EVENTS = ident(SYSTEM_SCHEMA, EVENTS_TABLE)

const STATES = ['waiting', 'behind', 'dead', 'held'] as const
type LetterState = (typeof STATES)[number]

/** An event that waits for a reaction or was given up. Times are in ISO 8601. */
export interface WaitingLetter {
  readonly event: string
  /** `Post.created`. */
  readonly name: string
  readonly row: string
  readonly reaction: string
  /** `behind`: it waits for an earlier event of its row. `held`: it was given up, and the later events of its row wait. */
  readonly state: LetterState
  /** The attempts that have failed. */
  readonly attempt: number
  /** When the next attempt is due, or, of one that was given up, when the last one failed. Null for one that waits for an earlier event. */
  readonly at: string | null
  readonly error: string | null
  /** The row as JSON. */
  readonly content: string
}

/** The numbers of events of one reaction. */
export interface LetterCounts {
  readonly reaction: string
  readonly waiting: number
  readonly dead: number
}

/** Which letters: those of these events, of one reaction, or all. */
export type ChosenLetters = { readonly events: readonly string[]; readonly reaction: string | null } | { readonly reaction: string } | 'all'

const STATE = sql`case when w.held then 'held' when w.dead then 'dead' when w.run_at = 'infinity' then 'behind' else 'waiting' end`
const LETTER = sql`select w.event, w.entity || '.' || w.happening, w.row_id, w.reaction, ${STATE}, w.attempt,
  ${isoText(sql`case when w.dead then w.failed_at else nullif(w.run_at, 'infinity') end`)}, w.error, w.after::text from ${WAITING} w`

/** The most letters of a list. */
const MOST_SHOWN = 50

const COUNT: Statement = {
  name: 'events.counts',
  sql: sql`select reaction, count(*) filter (where not dead), count(*) filter (where dead) from ${WAITING} group by reaction order by reaction`,
}
const LIST: Statement = {
  name: 'events.letters',
  sql: sql`${LETTER} where (${slot('reaction', 'text')} is null or w.reaction = ${slot('reaction', 'text')})
    and (not ${slot('dead', 'boolean')} or w.dead) order by w.event, w.reaction limit ${numberLiteral(MOST_SHOWN)}`,
}
const SHOW: Statement = { name: 'events.letter', sql: sql`${LETTER} where w.event = ${slot('event', 'bigint')} order by w.reaction` }

const NAMES: Statement = { name: 'events.reactions', sql: sql`select distinct reaction from ${WAITING} order by reaction` }

const CHOSEN = sql`(${slot('all', 'boolean')} or (event = any (${slot('events', 'bigint[]')}) or ${slot('events', 'bigint[]')} is null)
  and (${slot('reaction', 'text')} is null or reaction = ${slot('reaction', 'text')}))`
/** An attempt that runs at the moment is not begun once more. */
const RESTS = sql`run_at < 'infinity' and error is distinct from ${literal(STILL_RUNNING)}`
const RETRY: Statement = {
  name: 'events.retry',
  sql: sql`with changed as (
      update ${WAITING} set dead = false, held = false, attempt = 0, begun = 0, depth = case when not dead then depth end, run_at = 'infinity'
      where (dead or ${RESTS}) and ${CHOSEN} returning event)
    select count(*) from changed`,
}
/** A waiting event is deleted only if it is named by its number, because the reaction has not had all attempts. */
const DISCARD: Statement = {
  name: 'events.discard',
  sql: sql`with gone as (
      delete from ${WAITING} where (dead or ${slot('events', 'bigint[]')} is not null or reaction <> all (${slot('known', 'text[]')}))
        and ${CHOSEN} returning event)
    select count(*) from gone`,
}

/** Events that wait already are delivered anyway. */
const REPLAY: Statement = {
  name: 'events.replay',
  sql: sql`with added as (
      insert into ${WAITING} (reaction, event, entity, happening, row_id, version, at, after, before, input, replay, run_at)
      select ${slot('reaction', 'text')}, e.id, e.entity, e.happening, e.row_id, e.version, e.at, e.after, e.before, e.input, true, 'infinity'
      from ${EVENTS} e
      where e.entity = any (${slot('entities', 'text[]')}) and e.happening = any (${slot('happenings', 'text[]')})
        and e.at >= ${slot('since', 'timestamptz')} and e.at < ${slot('until', 'timestamptz')}
      on conflict do nothing returning event)
    select count(*) from added`,
}

/** The numbers of waiting events and dead letters, by reaction. @throws the driver's error */
export async function countLetters(run: Run): Promise<readonly LetterCounts[]> {
  return (await run(COUNT, {})).map(([reaction, waiting, dead]) => ({
    reaction: reaction ?? '',
    waiting: Number(waiting),
    dead: Number(dead),
  }))
}

/** The first fifty letters: of one reaction or of all, only dead ones or also waiting ones. @throws the driver's error */
export async function listLetters(
  run: Run,
  { reaction, only }: { readonly reaction: string | null; readonly only: 'dead' | 'all' },
): Promise<readonly WaitingLetter[]> {
  return (await run(LIST, { reaction, dead: only === 'dead' })).map(letterOf)
}

/** The letters of an event, one for each reaction that has not taken it. @throws the driver's error */
export async function lettersOf(run: Run, event: string): Promise<readonly WaitingLetter[]> {
  return (await run(SHOW, { event })).map(letterOf)
}

/** The names of reactions with waiting events or dead letters, also of those that the design has no more. @throws the driver's error */
export async function lettersReactions(run: Run): Promise<readonly string[]> {
  return (await run(NAMES, {})).map(([name]) => name ?? '')
}

/**
 * Tries dead letters and waiting events again at once, with all of their attempts; one behind an earlier event of its row keeps its place.
 * What follows from a dead letter begins anew, as after a request.
 *
 * @returns the number of them.
 * @throws the driver's error
 */
export async function retryLetters(run: Run, which: ChosenLetters): Promise<number> {
  return changed(run, RETRY, chosen(which))
}

/**
 * Deletes dead letters, waiting events that are named by their numbers, and waiting events of reactions that are not among the known ones:
 * nothing would ever deliver them.
 *
 * @returns the number of them.
 * @throws the driver's error
 */
export async function discardLetters(run: Run, which: ChosenLetters, known: readonly string[]): Promise<number> {
  return changed(run, DISCARD, { ...chosen(which), known: arrayLiteral(known) })
}

/** Runs a statement that changes which events wait. The first ones of their rows are then due. */
async function changed(run: Run, statement: Statement, values: Values): Promise<number> {
  const [row] = await run(statement, values)
  await releaseAllRows(run)
  return Number(row?.[0] ?? 0)
}

/** The events to deliver again. */
export interface ReplayedEvents {
  readonly reaction: string
  readonly entities: readonly string[]
  readonly happenings: readonly string[]
  /** From this moment on, and before that one; texts that PostgreSQL reads as moments. */
  readonly since: string
  readonly until: string
}

/** Delivers events of the log to a reaction again, with their ids. @returns the number of them. @throws the driver's error */
export async function replayEvents(run: Run, { reaction, entities, happenings, since, until }: ReplayedEvents): Promise<number> {
  return changed(run, REPLAY, { reaction, entities: arrayLiteral(entities), happenings: arrayLiteral(happenings), since, until })
}

function chosen(which: ChosenLetters): Values {
  if (which === 'all') return { all: true, events: null, reaction: null }
  return { all: false, events: 'events' in which ? arrayLiteral(which.events) : null, reaction: which.reaction }
}

function letterOf([event, name, row, reaction, state, attempt, at, error, content]: Row): WaitingLetter {
  return {
    event: event ?? '',
    name: name ?? '',
    row: row ?? '',
    reaction: reaction ?? '',
    state: STATES.find((one) => one === state) ?? 'waiting',
    attempt: Number(attempt),
    at: at ?? null,
    error: error ?? null,
    content: content ?? '{}',
  }
}
