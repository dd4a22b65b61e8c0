/** Chat completions, as OpenAI has them and most other servers of models, also those that run on one's own machine. */

import { isObject } from '../../../base/is-object.ts'
import { type ModelAnswer, type ProviderForm, tokenCount } from './provider.ts'

/** The form `POST …/chat/completions`. */
export const OPENAI: ProviderForm = {
  url: 'https://api.openai.com/v1',
  path: '/chat/completions',
  headers: (key) => (key === null ? {} : { authorization: `Bearer ${key}` }),
  body: (model, { system, messages, mostTokens }) => ({
    model,
    max_completion_tokens: mostTokens,
    messages: [
      { role: 'system', content: system },
      ...messages.map(({ from, text }) => ({ role: from === 'user' ? 'user' : 'assistant', content: text })),
    ],
  }),
  answer,
}

function answer(data: unknown): ModelAnswer | null {
  const [choice] = isObject(data) && Array.isArray(data.choices) ? (data.choices as readonly unknown[]) : []
  if (!isObject(data) || !isObject(choice) || !isObject(choice.message)) return null
  const { content, refusal } = choice.message
  const tokens = tokensOf(data.usage)
  if (choice.finish_reason === 'content_filter' || (typeof refusal === 'string' && refusal !== ''))
    return { text: typeof refusal === 'string' ? refusal : 'a filter of the provider ended the answer', ended: 'refused', tokens }
  if (typeof content !== 'string') return null
  return { text: content, ended: choice.finish_reason === 'length' ? 'cut' : 'done', tokens }
}

function tokensOf(usage: unknown): ModelAnswer['tokens'] {
  if (!isObject(usage)) return null
  const [sent, received] = [tokenCount(usage.prompt_tokens), tokenCount(usage.completion_tokens)]
  return sent === null || received === null ? null : { sent, received }
}
