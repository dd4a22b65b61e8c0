/**
 * The loop of `plinth implement`: a model writes, the types are checked, somebody agrees, and only then the tests and `plinth verify` run
 * the code, in a copy of the project. What passes may be written into the project.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ModelLimits, nextAnswer, UNUSED, type Used, usedWith } from './budget.ts'
import { fileProblems } from './check-files.ts'
import type { MissingCode } from './pieces.ts'
import { problemsText, SYSTEM } from './prompt.ts'
import type { Asked } from './providers/ask-provider.ts'
import type { Message, ModelAnswer, ModelAsk } from './providers/provider.ts'
import { type ProposedFile, readAnswer } from './read-answer.ts'
import type { Trial } from './trial.ts'
import type { Tried, tryProposal } from './try-proposal.ts'
import { checkTypes } from './type-check.ts'
import { unifiedDiff } from './unified-diff.ts'

/** How the loop ends. */
export type WritingStatus = 'passed' | 'declined' | 'proposed' | 'not-passed' | 'refused' | 'unreachable'

/** What came of it. */
export interface Writing {
  readonly status: WritingStatus
  /** Why it has not passed, and what to do; null if it has. */
  readonly reason: { readonly message: string; readonly hint: string } | null
  /** The last proposal that could be read. */
  readonly files: readonly ProposedFile[]
  readonly diff: string
  /** What was wrong with it. */
  readonly problems: readonly string[]
  readonly checked: 'types' | 'syntax' | 'nothing'
  readonly verified: Tried['verified']
  readonly used: Used
}

/** What the user says to a difference: `all` also agrees to what follows; `nobody` means that there is nobody to ask. */
export type Agreement = 'yes' | 'all' | 'no' | 'nobody'

/** What the loop works with. */
export interface WritingOptions {
  readonly task: string
  readonly pieces: readonly MissingCode[]
  /** The folder of the project, with its links resolved. */
  readonly root: string
  readonly trial: Trial
  readonly limits: ModelLimits
  readonly ask: (ask: ModelAsk) => Promise<Asked>
  /** Asks whether code of this difference may be run, and written once it passes. */
  readonly agree: (diff: string) => Promise<Agreement>
  readonly run: (trial: Trial, pieces: readonly MissingCode[]) => ReturnType<typeof tryProposal>
  /** Takes out secrets before something is sent. */
  readonly clean: (text: string) => string
  readonly onStep: (text: string) => void
}

type Judged =
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'ended'; readonly status: 'passed' | 'declined' | 'proposed' }

/** Goes round until the files pass, a limit is reached, or somebody says no. */
export async function writeWithModel(options: WritingOptions): Promise<Writing> {
  const { task, limits, ask, clean, onStep } = options
  const first: Message = { from: 'user', text: clean(task) }
  let messages: readonly Message[] = [first]
  let used = UNUSED
  const state: State = { files: [], problems: [], checked: 'nothing', verified: [], agreed: null }
  const end = (status: WritingStatus, reason: Writing['reason']): Writing => {
    const { files, problems, checked, verified } = state
    return { status, reason, files, diff: diffOf(files, options.root), problems, checked, verified, used }
  }
  for (;;) {
    const next = nextAnswer(used, { system: SYSTEM, messages }, limits)
    if ('reached' in next) return end('not-passed', limitReached(next.reached))
    const request = { system: SYSTEM, messages, mostTokens: next.most }
    onStep(`waiting for answer ${used.turns + 1} of at most ${limits.turns}`)
    const asked = await ask(request)
    if (asked.kind === 'failed') return end('unreachable', { message: asked.why, hint: asked.next })
    used = usedWith(used, { ask: request, answer: asked.answer }, limits)
    if (asked.answer.ended === 'refused') return end('refused', modelRefused(asked.answer))
    const judged = await judge(asked.answer, state, options)
    if (judged.kind === 'ended') return end(judged.status, reasonFor(judged.status))
    state.problems = judged.problems.map(clean)
    messages = [first, { from: 'model', text: asked.answer.text || '(nothing)' }, { from: 'user', text: problemsText(state.problems) }]
  }
}

interface State extends Pick<Writing, 'checked'> {
  files: readonly ProposedFile[]
  problems: readonly string[]
  checked: Writing['checked']
  verified: Tried['verified']
  /** `all`, or the difference that the user has agreed to. */
  agreed: { readonly diff: string | null } | null
}

async function judge(answer: ModelAnswer, state: State, options: WritingOptions): Promise<Judged> {
  const { pieces, root, trial, agree, run, onStep } = options
  const wrong = (...problems: readonly string[]): Judged => ({ kind: 'wrong', problems })
  if (answer.ended === 'cut') return wrong('the answer was cut at its most tokens; send shorter files')
  const read = readAnswer(answer.text)
  if ('wrong' in read) return wrong(read.wrong)
  const refused = fileProblems(read.files, pieces, root)
  if (refused.length > 0) return wrong(...refused)
  Object.assign(state, { files: read.files, problems: [], verified: [] })
  trial.put(read.files)
  onStep('checking types')
  const checked = await checkTypes(trial, read.files)
  state.checked = checked.by
  if (checked.problems.length > 0) return wrong(...checked.problems)
  const diff = diffOf(read.files, root)
  if (state.agreed?.diff !== null && state.agreed?.diff !== diff) {
    const said = await agree(diff)
    if (said === 'no') return { kind: 'ended', status: 'declined' }
    if (said === 'nobody') return { kind: 'ended', status: 'proposed' }
    state.agreed = { diff: said === 'all' ? null : diff }
  }
  const tried = await run(trial, pieces)
  state.verified = tried.verified
  return tried.problems.length > 0 ? wrong(...tried.problems) : { kind: 'ended', status: 'passed' }
}

function diffOf(files: readonly ProposedFile[], root: string): string {
  return unifiedDiff(
    files.map(({ path, text }) => {
      const there = join(root, path)
      return { path, before: existsSync(there) ? readFileSync(there, 'utf8') : null, after: text }
    }),
  )
}

function limitReached(limit: string): NonNullable<Writing['reason']> {
  return {
    message: `no answer has passed within the limit of ${limit}; nothing was written`,
    hint: 'see what was wrong, and write the rest by hand; or raise --turns, --tokens or --cost, or name another model',
  }
}

function modelRefused({ text }: ModelAnswer): NonNullable<Writing['reason']> {
  const said = text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
  return { message: `the model refuses to write this: ${said}`, hint: 'write it by hand, or name another model; nothing was written' }
}

function reasonFor(status: 'passed' | 'declined' | 'proposed'): Writing['reason'] {
  if (status === 'passed') return null
  if (status === 'declined') return { message: 'you did not agree; nothing was run or written', hint: 'the difference is kept' }
  return {
    message: 'the types fit; nothing was run or written, because nobody was there to agree',
    hint: 'read the difference, then apply it with git apply, or run the same with --yes',
  }
}
