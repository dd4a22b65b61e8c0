/** `plinth events`: shows events that wait for their reactions or were given up, tries them again, drops them, and replays old ones. */

import type { Run } from '../base/sql/statement.ts'
import { unreachable } from '../base/unreachable.ts'
import type { Model } from '../model/model.ts'
import { hasReactions } from '../model/reaction.ts'
import { withClient } from '../postgres/connect.ts'
import {
  type ChosenLetters,
  countLetters,
  discardLetters,
  type LetterCounts,
  lettersOf,
  lettersReactions,
  listLetters,
  replayEvents,
  retryLetters,
  type WaitingLetter,
} from '../services/events/letters.ts'
import { inTables } from './setup/create-account.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { runOn } from './setup/run-on.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { columns, count, plainText } from './terminal/layout.ts'
import { UsageError } from './terminal/usage-error.ts'

/** What the command does. */
export const EVENT_COMMANDS = ['list', 'show', 'retry', 'discard', 'replay'] as const
type Doing = (typeof EVENT_COMMANDS)[number]

/** The arguments and options of the command. */
export interface EventsInput {
  /** `list` unless given. */
  readonly doing: string | undefined
  /** The number of an event. */
  readonly event: string | undefined
  readonly design: string | undefined
  readonly reaction: string | undefined
  readonly which: 'all' | 'named'
  /** A moment such as `2026-11-29` or `2026-11-29T08:00:00Z`. */
  readonly since: string | undefined
  readonly until: string | undefined
}

/**
 * Lists dead letters and waiting events, shows those of one event, tries them again, deletes them, or delivers events of the log again.
 * Exit code 1 when there is no such letter or event.
 *
 * @throws UsageError for a wrong call, or a design without reactions; EnvironmentError for a database that cannot be used.
 */
export async function events(input: EventsInput, io: Io): Promise<Outcome> {
  const doing = doingOf(input)
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  if (!hasReactions(model)) throw new UsageError('this design has no reactions', 'declare them under on')
  return withDatabase(databaseOf(design, url, io), (database) =>
    inTables(() => withClient(database.url, (client) => perform({ doing, input, model }, runOn(client)))),
  )
}

/** @throws UsageError for an unknown word. */
function doingOf({ doing = 'list' }: EventsInput): Doing {
  const known = EVENT_COMMANDS.find((one) => one === doing)
  if (known === undefined) throw new UsageError(`plinth events cannot ${doing}`, `write one of ${EVENT_COMMANDS.join(', ')}`)
  return known
}

function reactionNames({ events: all }: Model): readonly string[] {
  return [...new Set(all.flatMap(({ reactions }) => reactions.map(({ name }) => name)))]
}

/**
 * A reaction that was removed from the design may still have events that wait, which can be listed and discarded, but not replayed.
 *
 * @throws UsageError for an unknown reaction.
 */
async function checkReaction({ doing, input: { reaction }, model }: Asked, run: Run): Promise<void> {
  const known = reactionNames(model)
  if (reaction === undefined || known.includes(reaction)) return
  if (doing !== 'replay' && (await lettersReactions(run)).includes(reaction)) return
  throw new UsageError(
    `the design has no reaction ${JSON.stringify(reaction)}`,
    `it has ${known.map((name) => JSON.stringify(name)).join(', ')}`,
  )
}

interface Asked {
  readonly doing: Doing
  readonly input: EventsInput
  readonly model: Model
}

async function perform(asked: Asked, run: Run): Promise<Outcome> {
  const { doing, input, model } = asked
  await checkReaction(asked, run)
  switch (doing) {
    case 'list':
      return listed(run, input)
    case 'show':
      return shown(run, eventOf(input))
    case 'retry':
      return changed(run, input, { work: retryLetters, done: 'is tried again', many: 'are tried again', hint: NOT_RETRIED })
    case 'discard':
      return changed(run, input, {
        work: (on, which) => discardLetters(on, which, reactionNames(model)),
        done: 'is deleted',
        many: 'are deleted',
        hint: NOT_DISCARDED,
      })
    case 'replay':
      return replayed(run, input, model)
    default:
      return unreachable(doing)
  }
}

/** @throws UsageError without a number. */
function eventOf({ event }: Pick<EventsInput, 'event'>): string {
  if (event !== undefined && /^\d{1,18}$/.test(event)) return event
  throw new UsageError('the number of an event is needed', 'plinth events list shows the numbers')
}

async function listed(run: Run, { reaction }: EventsInput): Promise<Outcome> {
  const counts = await countLetters(run)
  const letters = await listLetters(run, { reaction: reaction ?? null, only: 'all' })
  const lines =
    counts.length === 0 ? ['no event waits, and none was given up'] : [...columns(counts.map(countLine), ''), ...letterLines(letters)]
  return { exit: 0, data: { counts, letters }, text: lines.join('\n') }
}

function countLine({ reaction, waiting, dead }: LetterCounts): readonly string[] {
  return [reaction, `${waiting} waiting`, `${dead} dead`]
}

function letterLines(letters: readonly WaitingLetter[]): readonly string[] {
  const rows = letters.map(({ event, name, row, reaction, state, attempt, at, error }) => {
    const when = at === null ? '' : `${state === 'waiting' ? 'next' : 'last'} ${at}`
    return [event, name, row, reaction, state, `${attempt} failed`, when, error ?? ''].map(inOneLine)
  })
  return ['', ...columns(rows, '')]
}

/** An error or an id may have several lines, and characters that change what a terminal does. */
function inOneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ')
}

async function shown(run: Run, event: string): Promise<Outcome> {
  const letters = await lettersOf(run, event)
  if (letters.length === 0) return missing(`the event ${event} waits for no reaction, and none has given it up`)
  const text = [...letterLines(letters), '', plainText(JSON.stringify(JSON.parse(letters[0]?.content ?? '{}'), null, 2))].join('\n')
  return { exit: 0, data: { letters: letters.map(({ content, ...letter }) => ({ ...letter, content: JSON.parse(content) })) }, text }
}

interface Change {
  readonly work: (run: Run, which: ChosenLetters) => Promise<number>
  readonly done: string
  readonly many: string
  /** Why there may be nothing to change although such events exist. */
  readonly hint: string
}

const NOT_RETRIED = 'events behind an earlier one of their row, and those whose attempt runs, are not tried'
const NOT_DISCARDED = 'an event that waits is deleted only by its number'

async function changed(run: Run, input: EventsInput, { work, done, many, hint }: Change): Promise<Outcome> {
  const letters = await work(run, chosenBy(input))
  if (letters === 0) return missing(`there is no such event; ${hint}`)
  return { exit: 0, data: { letters }, text: `${count(letters, 'event')} ${letters === 1 ? done : many}` }
}

/** @throws UsageError when no letters are named. */
function chosenBy({ event, reaction, which }: EventsInput): ChosenLetters {
  if (event !== undefined) return { events: [eventOf({ event })], reaction: reaction ?? null }
  if (reaction !== undefined) return { reaction }
  if (which === 'all') return 'all'
  throw new UsageError('which events?', 'name the number of an event, --reaction or --all')
}

/** @throws UsageError without a reaction or a moment. */
async function replayed(run: Run, { reaction, since, until }: EventsInput, model: Model): Promise<Outcome> {
  if (reaction === undefined) throw new UsageError('replay needs --reaction', `the design has ${reactionNames(model).join(', ')}`)
  const [from, to] = [momentOf(since, 'since'), until === undefined ? 'infinity' : momentOf(until, 'until')]
  const own = model.events.filter(({ reactions }) => reactions.some(({ name }) => name === reaction))
  const events = await replayEvents(run, {
    reaction,
    entities: [...new Set(own.map(({ entity }) => entity))],
    happenings: [...new Set(own.map(({ happening }) => happening))],
    since: from,
    until: to,
  })
  if (events === 0) return missing('the log has no event of this reaction in that time; it keeps seven days')
  return { exit: 0, data: { events }, text: `${count(events, 'event')} ${events === 1 ? 'is' : 'are'} delivered again` }
}

/** @throws UsageError for a text that is no moment. */
function momentOf(text: string | undefined, option: string): string {
  const at = text === undefined || !/^\d{4}-/.test(text) ? Number.NaN : Date.parse(text)
  if (Number.isNaN(at)) throw new UsageError(`replay needs --${option} with a moment`, `write --${option} 2026-11-29T08:00:00Z`)
  return new Date(at).toISOString()
}

function missing(message: string): Outcome {
  return { exit: 1, reason: { message, hint: 'plinth events list shows what waits' }, data: { letters: 0 }, text: message }
}
