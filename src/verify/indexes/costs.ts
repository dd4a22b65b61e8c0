/** Splits the cost of a plan by cause. Pure. */

import { LIMITS } from '../../base/limits.ts'
import type { PlanNode } from '../../postgres/explain.ts'

/** The costs of a plan, in the planner's unit (PostgreSQL documentation, section 14.1). */
export interface Costs {
  /** What the planner expects. */
  readonly expected: number
  /** The same if no row satisfies the conditions, so that a LIMIT never ends the reading early. */
  readonly worst: number
}

/** Costs of a plan, in the planner's unit. */
export function costsOf(plan: PlanNode): Costs {
  return { expected: plan.totalCost, worst: plan.totalCost + hidden(plan, null) }
}

/**
 * The part of the costs that can grow with one table. A page counts as full, because a full page does not grow further. Related rows count
 * up to the number that one row can show.
 */
export interface Work {
  /** Work that no LIMIT ends early: finding the rows of the page (`found`), and computing their output (`shown`). */
  readonly found: number
  readonly shown: number
  /** All expected work, including reading until enough related rows satisfy a condition. */
  readonly expected: number
  /** All possible work: reading until enough rows satisfy the conditions may read the whole table. */
  readonly worst: number
  /** The highest expected cost of reading until enough rows for one page satisfy the conditions. */
  readonly page: number
}

/** Splits the cost of a plan by whether it can grow with `table`. */
export function workOf(plan: PlanNode, table: string): Work {
  const asides = pageAsides(plan)
  const finding = asides.reduce((rest, { aside, rows }) => rest - rows * aside.totalCost, plan.totalCost)
  const showing = asides.reduce((sum, { aside }) => sum + PAGE_ROWS * aside.totalCost, 0)
  const all = relatedWork(stepsOf(plan), table)
  const related = relatedWork(
    asides.flatMap(({ aside }) => [...stepsOf(aside, PAGE_ROWS, true)]),
    table,
  )
  const expected = finding + showing - all.limited
  return {
    found: finding - (all.limited + all.stopping - related.limited - related.stopping),
    shown: showing - related.limited - related.stopping,
    expected,
    worst: expected + hidden(plan, table),
    page: pageCost(plan),
  }
}

/**
 * Work that the planner leaves out of its estimate. Of the steps under a LIMIT it counts only the part that should fill the page, and of an
 * EXISTS only the part until the first row. If a condition removes rows, PostgreSQL may have to run these steps to the end. A step that
 * stops after it has read as many rows of `table` as are shown is not counted: it never runs to the end.
 */
function hidden(plan: PlanNode, table: string | null): number {
  const inner = plan.inputs.reduce((sum, input) => sum + hidden(input, table) + (input.relation === 'SubPlan' ? once(input, table) : 0), 0)
  const [input] = plan.inputs
  if (plan.step !== 'Limit' || input === undefined || !drops(input)) return inner
  return inner + Math.max(0, input.totalCost - plan.totalCost)
}

function once(aside: PlanNode, table: string | null): number {
  return aside.totalCost - (table === null ? 0 : relatedWork(stepsOf(aside, 1, true), table).limited)
}

const DROPPING_JOINS: ReadonlySet<string> = new Set(['Inner', 'Semi', 'Anti', 'Right Semi', 'Right Anti'])

function drops(plan: PlanNode): boolean {
  if (plan.filter !== null || (plan.join !== null && DROPPING_JOINS.has(plan.join))) return true
  return plan.inputs.some((input) => !isAside(input) && drops(input))
}

/** Whether a step only computes a value for the step above, without influence on which rows the plan returns. */
function isAside({ relation }: PlanNode): boolean {
  return relation === 'SubPlan' || relation === 'InitPlan'
}

/** A step of a plan, and how often the planner expects it to run. */
export interface PlanStep {
  readonly node: PlanNode
  readonly runs: number
  /** Whether the step belongs to a subplan, which computes a value for each row of another step. */
  readonly aside: boolean
}

/** The steps of a plan, each before its inputs. A page counts as full. Costs and rows are those of one run, as in EXPLAIN. */
export function* stepsOf(node: PlanNode, runs = 1, aside = false): Generator<PlanStep> {
  yield { node, runs, aside }
  const full = aside ? 0 : PAGE_ROWS
  for (const input of node.inputs) yield* stepsOf(input, runs * runsOf(node, input, full), aside || isAside(input))
}

function runsOf(node: PlanNode, input: PlanNode, full: number): number {
  const outer = outerOf(node)
  if (input.relation === 'SubPlan') {
    const rows = testsOf(node, input) ?? outer?.rows ?? node.rows
    return Math.max(1, rows, outer !== undefined && pageRows(outer) !== null ? full : 0)
  }
  return node.step === 'Nested Loop' && input.relation === 'Inner' ? Math.max(1, outer?.rows ?? 1) : 1
}

/**
 * How often a condition with a subplan is tested; null for other steps. EXPLAIN does not show the number of rows before the condition, so
 * it is estimated from the cost of the step, most of which is testing.
 */
function testsOf(node: PlanNode, input: PlanNode): number | null {
  return node.filter?.includes('SubPlan') && input.totalCost > 0 ? Math.max(node.rows, node.totalCost / input.totalCost) : null
}

/** One row more than a page, because a list also reads whether a next page exists. */
const PAGE_ROWS = LIMITS.pageSizeDefault + 1

/** The subplans that compute values for the rows of the page, with the number of these rows that the planner expects. */
function pageAsides(plan: PlanNode): readonly { readonly aside: PlanNode; readonly rows: number }[] {
  const outer = outerOf(plan)
  if (outer === undefined) return []
  const rows = pageRows(outer)
  const own = rows === null ? [] : plan.inputs.filter((input) => input.relation === 'SubPlan')
  return [...pageAsides(outer), ...own.map((aside) => ({ aside, rows: Math.max(1, rows ?? 1) }))]
}

function outerOf(node: PlanNode): PlanNode | undefined {
  return node.inputs.find((input) => !isAside(input))
}

/** The number of rows of a page, for a step that returns exactly these rows; null for other steps. */
function pageRows(node: PlanNode): number | null {
  if (node.step === 'Limit') return node.rows
  const [input, ...others] = node.inputs.filter((one) => !isAside(one))
  return input === undefined || others.length > 0 ? null : pageRows(input)
}

interface RelatedWork {
  /** Cost of reading that stops after as many rows as are shown. */
  readonly limited: number
  /** Cost of reading that stops when as many rows satisfy a condition. */
  readonly stopping: number
}

/** The expected cost of reading related rows of `table`: an index finds the rows that refer to one row, and some of them are shown. */
function relatedWork(steps: Iterable<PlanStep>, table: string): RelatedWork {
  let [limited, stopping] = [0, 0]
  for (const { node, runs, aside } of steps) {
    const [input] = node.inputs
    if (!aside || node.step !== 'Limit' || input === undefined || !finds(input, table)) continue
    const cost = reading(node) * runs
    if (drops(input)) stopping += cost
    else limited += cost
  }
  return { limited, stopping }
}

/** Whether an index of `table` finds the rows by a value, and the plan reads the table in no other step. */
function finds(input: PlanNode, table: string): boolean {
  const reads = [...stepsOf(input)].filter(({ node }) => node.table === table)
  const driving = drivingScan(input)
  return reads.length === 1 && driving?.table === table && driving.seeks
}

function drivingScan(node: PlanNode): PlanNode | null {
  if (node.table !== null) return node
  const outer = outerOf(node)
  return outer === undefined ? null : drivingScan(outer)
}

/** The highest cost of a page that reads until enough rows satisfy a condition; the whole cost of a statement without a page. */
function pageCost(plan: PlanNode): number {
  const limits = [...stepsOf(plan)].flatMap(({ node }) => (node.step === 'Limit' ? [node] : []))
  if (limits.length === 0) return plan.totalCost
  return Math.max(...limits.map((limit) => (limit.inputs.some(drops) ? reading(limit) : 0)))
}

/** The cost of a LIMIT after the first row of its input. A LIMIT that ends early saves a part of this cost. */
function reading(limit: PlanNode): number {
  return Math.max(0, limit.totalCost - (limit.inputs[0]?.startupCost ?? 0))
}
