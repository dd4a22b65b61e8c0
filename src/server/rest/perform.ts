/** Runs an intent and makes the answer of REST. */

import type { Run } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type MaybePromise, whenReady } from '../../base/waiting/when-ready.ts'
import type { Caller } from '../../model/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { Intent, ReadIntent } from '../plan/intent.ts'
import { prepareRead, runColumns, runRead } from '../read/read.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform, Performed } from '../write/idempotent.ts'
import { prepareWrite } from '../write/prepare-write.ts'
import type { Written } from '../write/run-write.ts'
import { splitReplacement } from './replace.ts'
import { type Framing, respondToRead } from './respond-read.ts'
import { respondToWrite } from './respond-write.ts'
import { explainWeakTags } from './weak-tags.ts'

/** A request for rows: the caller, the intent, and the parts of the request that shape the answer. */
export interface Asked<I extends Intent = Intent> {
  readonly caller: Caller
  readonly intent: I
  readonly framing: Framing
}

/** Answers a get or a list. @throws Failure when the request is refused or fails. */
export async function answerRead(stack: Stack, { caller, intent, framing }: Asked<ReadIntent>, run: Run): Promise<Answer> {
  return respondToRead(await runColumns(stack, run, prepareRead(stack, caller, intent)), framing)
}

/** Prepares an operation of any kind, without the database. @throws Failure when the request is refused. */
export function prepareAsked(stack: Stack, asked: Asked): MaybePromise<Perform> {
  const replacement = splitReplacement(stack, asked.caller, asked.intent)
  if (replacement === null) return prepareOne(stack, asked)
  const one = prepareOne(stack, { ...asked, intent: replacement.intent })
  // The first request has changed the row, so a repetition cannot compare it.
  return stack.journal?.isReplaying() === true ? one : whenReady(one, replacement.afterCheck)
}

function prepareOne(stack: Stack, { caller, intent, framing }: Asked): MaybePromise<Perform> {
  switch (intent.kind) {
    case 'get':
    case 'list': {
      const read = prepareRead(stack, caller, intent)
      return async ({ run }) => ({ answer: respondToRead(await runRead(run, read), framing), after: nothing })
    }
    case 'create':
    case 'update':
    case 'delete':
      return whenReady(prepareWrite(stack, caller, intent), (write) => (runner) => {
        const respond = (written: Written): Performed => ({ answer: respondToWrite(stack.model, written), after: written.after })
        return write(runner).then(respond, (error: unknown) => {
          throw explainWeakTags(error, framing.ifMatch)
        })
      })
    default:
      return unreachable(intent)
  }
}

function nothing(): void {}
