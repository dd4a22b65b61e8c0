/** Asks one probe, looks at the rows afterwards, and puts them back. */

import { entityNamed } from '../../model/model.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools, Traces } from '../cases/probe.ts'
import { changeMismatch } from '../expected/compare.ts'
import type { AllRows } from '../expected/reference.ts'
import { type CaseResult, shortBody } from './case-result.ts'
import { clearLog, emittedMismatch, logMismatch, readEvents } from './event-log.ts'
import { type Exchanges, openExchanges, otherForm } from './exchanges.ts'
import { listPlan } from './index-plan.ts'
import { ANSWER_LENGTH } from './judge-case.ts'
import { type OpenRun, putBack } from './open-run.ts'
import { forgetJobs, plantRows } from './plant-rows.ts'
import { insertRows, readRows, removeRow, returnRow } from './rows.ts'
import { readTraces } from './traces.ts'

/** Asks one probe. */
export async function judgeProbe(open: OpenRun, probe: ProbeCase): Promise<CaseResult> {
  const { client, model } = open
  const began = performance.now()
  const exchanges = openExchanges(open, probe)
  const outcome = await outcomeOf(probe, toolsFor(open, exchanges), exchanges)
  const { wrong, statuses, why, sent, answer, left } = outcome
  const ms = performance.now() - began
  const after = await readRows(client, model)
  const defects = open.stage.takeDefects()
  const ofRows = probe.rows === undefined ? changeMismatch(open.reference, { kind: 'none' }, after) : probe.rows(open.reference, after)
  const ofLog = wrong === null && ofRows === null ? await loggedMismatch(open, probe, { after, outcome }) : null
  await putBack(open, after)
  // Wrong passwords would lock the account for the cases that come later.
  if (probe.door === 'login') await client.query('delete from plinth.login_attempts')
  return {
    case: probe,
    ...(left === undefined ? {} : { left }),
    wrong:
      exchanges.unanswered() ??
      wrong ??
      ofRows ??
      ofLog ??
      (defects[0] === undefined ? null : `the backend logged a defect: ${defects[0]}`),
    expected: { statuses, why },
    sent: { method: sent.method, url: sent.url, body: shortBody(sent.body) },
    status: answer.status,
    answer: answer.text.slice(0, ANSWER_LENGTH),
    ms: Math.round(ms * 10) / 10,
  }
}

/** What a probe saw. @throws the error of a probe that has not asked anything yet. */
async function outcomeOf(probe: ProbeCase, tools: ProbeTools, { last }: Exchanges): Promise<ProbeOutcome> {
  try {
    return await probe.ask(tools)
  } catch (error) {
    const exchange = last()
    if (exchange === null) throw error
    const { token: _, ...sent } = exchange.sent
    return { wrong: otherForm(error), statuses: [200], why: 'an answer has the form that its documents say', sent, answer: exchange.answer }
  }
}

interface Judged {
  readonly after: AllRows
  readonly outcome: ProbeOutcome
}

/** A probe that changes no row logs nothing. Of others, only the events that they name are compared: they may change a row twice. */
async function loggedMismatch(open: OpenRun, { rows, events }: ProbeCase, { after, outcome }: Judged): Promise<string | null> {
  const { client, model, snapshot, reference } = open
  const options = { client, model, design: reference.design, snapshot, before: reference.rows(), after }
  if (rows === undefined || events === 'of-rows') return logMismatch(options)
  return events === undefined ? null : emittedMismatch(options, events(outcome))
}

function toolsFor(open: OpenRun, { ask }: Exchanges): ProbeTools {
  const { stage, tokens, client, model, rows, snapshot } = open
  return {
    send: ask,
    tokenOf: (user) => (user === null ? null : (tokens.get(user) ?? null)),
    newToken: stage.tokenFor,
    before: rows,
    rows: () => readRows(client, model),
    traces: async () => ({ ...(await readTraces(client)), ...(await storedIn(stage)) }),
    plant: (planted) => plantRows(client, model, planted),
    async replaceRows(others) {
      await insertRows(client, model, others)
      await clearLog(client, model)
    },
    events: () => readEvents(client, model),
    forgetJobs: () => forgetJobs(client),
    removeRow: (entity, id) => removeRow(client, entityNamed(model, entity), id),
    returnRow: (entity, id) => returnRow(client, entityNamed(model, entity), snapshot.get(entity)?.get(id) ?? 'null'),
    log: () => stage.log?.() ?? null,
    secrets: () => [...(stage.secrets ?? []), ...open.givenSecrets],
    planOf: (list) => listPlan(client, list),
    ...(stage.variables === undefined ? {} : { variables: stage.variables }),
    instances: 1 + stage.others.length,
    signing: stage.signing,
  }
}

/** How many files the storage has, where that can be read. */
async function storedIn({ storedFiles }: OpenRun['stage']): Promise<Traces> {
  return storedFiles === undefined ? {} : { 'the storage of files': String(await storedFiles()) }
}
