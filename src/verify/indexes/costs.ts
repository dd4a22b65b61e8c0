/** Splits the cost of a plan by cause. Pure. */

import { LIMITS } from '../../base/limits.ts'
import type { PlanNode } from '../../postgres/explain.ts'

/** The costs of a plan, in the planner's unit (PostgreSQL documentation, section 14.1). */
export interface Costs {
  /** What the planner expects. */
  readonly expected: number
  /** The same if no row passed the conditions by which pages stop early. */
  readonly worst: number
}

/** Costs of a plan, in the planner's unit. */
export function costsOf(plan: PlanNode): Costs {
  return { expected: plan.totalCost, worst: plan.totalCost + hidden(plan, null) }
}

/**
 * The part of the costs that can grow with one table. A page counts as full, since a full page does not grow further; related rows count up
 * to the most that are shown for one row.
 */
export interface Work {
  /** Work that always runs to the end: finding the rows of the page, and showing them. */
  readonly found: number
  readonly shown: number
  /** All expected work, including reading until enough related rows pass a condition. */
  readonly expected: number
  /** All possible work: reading until enough rows pass may take the whole table. */
  readonly worst: number
  /** The most that is expected to be read for one page until enough rows pass. */
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
 * Work that the planner leaves out of its estimate: of the steps under a LIMIT it counts the share that should fill the page, and of an
 * EXISTS the share until the first row. Where a condition drops rows on the way it may have to do them to the end. A step that ends once as
 * many rows of `table` are read as are shown never does.
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

/** Computes a value for the step above and does not decide which rows there are. */
function isAside({ relation }: PlanNode): boolean {
  return relation === 'SubPlan' || relation === 'InitPlan'
}

/** A step of a plan, and how often it runs as the planner sees it. */
export interface PlanStep {
  readonly node: PlanNode
  readonly runs: number
  /** Whether it computes a value for each row of others. */
  readonly aside: boolean
}

/** A plan's steps, each before its inputs, a page counted as full. EXPLAIN has costs and rows of one run. */
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

/** A condition is tested on rows of which there is no count once it has dropped them; but testing is most of what the step costs. */
function testsOf(node: PlanNode, input: PlanNode): number | null {
  return node.filter?.includes('SubPlan') && input.totalCost > 0 ? Math.max(node.rows, node.totalCost / input.totalCost) : null
}

/** One more than a page, as lists look whether there is another. */
const PAGE_ROWS = LIMITS.pageSizeDefault + 1

/** What is computed for the rows of the page, and how many the planner expects these to be. */
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

/** The rows of a page, at a step through which they all go; null elsewhere. */
function pageRows(node: PlanNode): number | null {
  if (node.step === 'Limit') return node.rows
  const [input, ...others] = node.inputs.filter((one) => !isAside(one))
  return input === undefined || others.length > 0 ? null : pageRows(input)
}

interface RelatedWork {
  /** Ends once as many rows are read as are shown. */
  readonly limited: number
  /** Ends once as many rows pass a condition. */
  readonly stopping: number
}

/** What is expected to be read of `table` for related rows: those that an index finds for one row, some of which are shown. */
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

/** Whether rows come from an index of `table` that is told which, and the table is read for nothing else. */
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

/** The most that a page reads until enough rows pass; of a statement without a page, all that it does. */
function pageCost(plan: PlanNode): number {
  const limits = [...stepsOf(plan)].flatMap(({ node }) => (node.step === 'Limit' ? [node] : []))
  if (limits.length === 0) return plan.totalCost
  return Math.max(...limits.map((limit) => (limit.inputs.some(drops) ? reading(limit) : 0)))
}

/** What a LIMIT does after its input has begun to give rows, which is what it can leave undone. */
function reading(limit: PlanNode): number {
  return Math.max(0, limit.totalCost - (limit.inputs[0]?.startupCost ?? 0))
}
