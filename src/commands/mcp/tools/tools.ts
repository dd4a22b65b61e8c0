/** The table of tools, in the order in which they are used. */

import { EXPLAIN } from './explain.ts'
import { PLAN } from './plan.ts'
import { REVIEW } from './review.ts'
import { STATUS } from './status.ts'
import type { Tool } from './tool.ts'

/** All tools. */
export const TOOLS: readonly Tool[] = [REVIEW, PLAN, STATUS, EXPLAIN]
